/** Ids beyond this number are not kept: everything may have changed. */
const mostIds = 1_000;

/** Records of one namespace that may have changed; `all` if it is not known which. */
export type Changed = ReadonlySet<string> | "all";

/**
 * The records of an index that this process has written since their catalog was made, so that a write does not lead to
 * reading the whole namespace again. What others write shows in `foreignVersion`.
 */
export class ChangedRecords {
  readonly #byNamespace = new Map<string, Set<string> | "all">();
  #readVersion: () => number = () => 0;

  /** @param readVersion changes whenever something else than this process has written */
  follow(readVersion: () => number): void {
    this.#readVersion = readVersion;
  }

  get foreignVersion(): number {
    return this.#readVersion();
  }

  note(namespace: string, ids: readonly string[] | "all"): void {
    const known = this.#byNamespace.get(namespace) ?? new Set();
    if (known === "all" || ids === "all" || known.size + ids.length > mostIds) {
      this.#byNamespace.set(namespace, "all");
    } else {
      for (const id of ids) known.add(id);
      this.#byNamespace.set(namespace, known);
    }
  }

  has(namespace: string): boolean {
    return this.#byNamespace.has(namespace);
  }

  /** What has changed since the last call. */
  take(namespace: string): Changed {
    const changed = this.#byNamespace.get(namespace) ?? new Set();
    this.#byNamespace.delete(namespace);
    return changed;
  }
}
