import type { IndexSettings } from "../settings.ts";
import type { Storage } from "../storage/storage.ts";
import { Mirror } from "./mirror.ts";

/** The mirrors of an index, each brought up to date before it is handed out. */
export class Mirrors {
  readonly #storage: Storage;
  readonly #settings: IndexSettings;
  readonly #mirrors = new Map<string, { version: string; mirror: Mirror }>();

  constructor(storage: Storage, settings: IndexSettings) {
    this.#storage = storage;
    this.#settings = settings;
  }

  /**
   * The mirror of a namespace as of now; `undefined` where there is none of that name. Call inside a
   * snapshot.
   *
   * @param horizon the last slot to take in
   */
  fresh(name: string, horizon: number): Mirror | undefined {
    const version = `${this.#storage.version()} ${horizon}`;
    const known = this.#mirrors.get(name);
    if (known?.version === version) return known.mirror;
    const namespace = this.#storage.findNamespace(name);
    if (namespace === undefined) {
      this.#mirrors.delete(name);
      return undefined;
    }
    const mirror =
      known?.mirror.namespace === namespace && known.mirror.catchUp(horizon)
        ? known.mirror
        : this.#build(namespace, horizon);
    this.#mirrors.set(name, { version, mirror });
    return mirror;
  }

  #build(namespace: number, horizon: number): Mirror {
    const mirror = new Mirror(this.#storage, namespace, this.#settings);
    mirror.catchUp(horizon);
    return mirror;
  }
}
