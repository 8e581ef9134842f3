import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { IndexSettings } from "../settings.ts";
import type { Storage } from "../storage/storage.ts";
import { VectorBudget } from "./kept-vectors.ts";
import { Mirror } from "./mirror.ts";

/** Namespaces whose mirrors stay in memory; others are rebuilt when they are queried. */
const mirrorsKept = 256;

/** The mirrors of an index. Each is updated before it is returned. */
export class Mirrors {
  readonly #storage: Storage;
  readonly #settings: IndexSettings;
  readonly #mirrors = new Map<string, { version: string; mirror: Mirror }>();
  readonly #budget = new VectorBudget();

  constructor(storage: Storage, settings: IndexSettings) {
    this.#storage = storage;
    this.#settings = settings;
  }

  /**
   * The current mirror of a namespace; `undefined` if the namespace does not exist. Call inside a
   * snapshot.
   *
   * @param horizon the last slot to include
   */
  fresh(name: string, horizon: number): Mirror | undefined {
    const version = `${this.#storage.version()} ${horizon}`;
    const known = this.#mirrors.get(name);
    if (known?.version === version) return known.mirror;
    const namespace = this.#storage.findNamespace(name);
    if (namespace === undefined) {
      this.#discard(name);
      return undefined;
    }
    const isCurrent = known?.mirror.namespace === namespace && this.#catchUp(name, known.mirror, horizon);
    // The one used last is the last: a Map keeps insertion order.
    if (isCurrent) this.#mirrors.delete(name);
    else this.#discard(name);
    const mirror = isCurrent ? known.mirror : this.#build(namespace, horizon);
    this.#mirrors.set(name, { version, mirror });
    const [oldest] = this.#mirrors.keys();
    if (this.#mirrors.size > mirrorsKept) this.#discard(oldest as string);
    return mirror;
  }

  /** One that fails in between may have taken a row in part: the next query makes another one. */
  #catchUp(name: string, mirror: Mirror, horizon: number): boolean {
    let isDone = false;
    try {
      const isCurrent = mirror.catchUp(horizon);
      isDone = true;
      return isCurrent;
    } finally {
      if (!isDone) this.#discard(name);
    }
  }

  #discard(name: string): void {
    this.#mirrors.get(name)?.mirror.close();
    this.#mirrors.delete(name);
  }

  #build(namespace: number, horizon: number): Mirror {
    const rows = this.#storage.recordCount(namespace);
    const create = () => new Mirror(this.#storage, namespace, this.#settings, rows, this.#budget);
    if (this.#storage.isOnDisk) {
      const file = this.#sideFile(namespace);
      const saved = filled(create(), (mirror) => mirror.restore(file) && mirror.catchUp(horizon));
      if (saved) return saved;
    }
    return filled(create(), (mirror) => {
      mirror.catchUp(horizon);
      return true;
    }) as Mirror;
  }

  /** Saves the mirrors for the next start, as far as possible, and closes them. */
  close(): void {
    const isSaved = this.#storage.isOnDisk && !this.#storage.isReadOnly;
    for (const { mirror } of this.#mirrors.values()) {
      if (isSaved) attempt(() => mirror.save(this.#sideFile(mirror.namespace)));
      mirror.close();
    }
    if (isSaved) attempt(() => this.#removeOrphans());
  }

  /** Removes the unused side file of an emptied or deleted namespace. */
  #removeOrphans(): void {
    const known = new Set(
      this.#storage.listNamespaces().map(({ namespace }) => basename(this.#sideFile(namespace))),
    );
    const directory = dirname(this.#storage.path);
    const prefix = basename(this.#sideFile(0)).slice(0, -1);
    for (const name of readdirSync(directory)) {
      if (name.startsWith(prefix) && !known.has(name)) rmSync(join(directory, name), { force: true });
    }
  }

  #sideFile(namespace: number): string {
    return `${this.#storage.path}.mirror-${namespace}`;
  }
}

/** The mirror if `fill` succeeds; else it is closed. */
function filled(mirror: Mirror, fill: (mirror: Mirror) => boolean): Mirror | undefined {
  let isFilled = false;
  try {
    isFilled = fill(mirror);
  } finally {
    if (!isFilled) mirror.close();
  }
  return isFilled ? mirror : undefined;
}

/** Side files are optional, so that a failure with them is ignored. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The next start builds its mirrors from the database.
  }
}
