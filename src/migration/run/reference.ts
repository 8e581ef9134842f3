import type { Migration, OpenStore } from "./migration.ts";

/** The source as a store that answers queries, opened when it is first asked for. */
export class Reference {
  readonly #migration: Migration;
  readonly #signal: AbortSignal;
  #opening: Promise<OpenStore> | undefined;

  constructor(migration: Migration, signal: AbortSignal) {
    this.#migration = migration;
    this.#signal = signal;
  }

  open(): Promise<OpenStore> {
    const { source } = this.#migration;
    this.#opening ??= source.store
      ? Promise.resolve({ ...source.store, close: async () => {} })
      : this.#migration.openReference(this.#signal);
    return this.#opening;
  }

  async close(): Promise<void> {
    // One that could not be opened has been told already.
    const reference = await this.#opening?.catch(() => undefined);
    await reference?.close();
  }
}
