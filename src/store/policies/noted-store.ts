import type { Document, StoreRecord } from "../document.ts";
import type { DeleteTarget, DocumentChange, VectorStore, WriteOptions } from "../store.ts";
import { ForwardingStore } from "./forwarding-store.ts";

/** Called after a write, also after a failed one, with the records that it may have changed. */
export type NoteWrite = (namespace: string, ids: readonly string[] | "all") => void;

/** Reports which records its writes have changed. */
export class NotedStore extends ForwardingStore {
  readonly #note: NoteWrite;

  constructor(store: VectorStore, note: NoteWrite) {
    super(store);
    this.#note = note;
  }

  override upsert(documents: readonly Document[], options?: WriteOptions): Promise<void> {
    return this.#noted(this.store.upsert(documents, options), options, idsOf(documents));
  }

  override upsertRecords(records: readonly StoreRecord[], options?: WriteOptions): Promise<void> {
    return this.#noted(this.store.upsertRecords(records, options), options, idsOf(records));
  }

  override update(change: DocumentChange, options?: WriteOptions): Promise<boolean> {
    return this.#noted(this.store.update(change, options), options, [change.id]);
  }

  override delete(target: DeleteTarget, options?: WriteOptions): Promise<number> {
    const ids = "ids" in target ? target.ids : "all";
    return this.#noted(this.store.delete(target, options), options, ids);
  }

  override reset(options?: WriteOptions): Promise<void> {
    return this.#noted(this.store.reset(options), options, "all");
  }

  override deleteNamespace(namespace: string, options?: WriteOptions): Promise<void> {
    return this.#noted(this.store.deleteNamespace(namespace, options), { namespace }, "all");
  }

  async #noted<T>(
    write: Promise<T>,
    { namespace = "" }: Pick<WriteOptions, "namespace"> = {},
    ids: readonly string[] | "all",
  ): Promise<T> {
    try {
      return await write;
    } finally {
      this.#note(namespace, ids);
    }
  }
}

function idsOf(records: readonly { readonly id: string }[]): string[] {
  return records.map(({ id }) => id);
}
