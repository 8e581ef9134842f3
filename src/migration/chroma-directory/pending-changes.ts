import { emptyContent, mergeChanges, type RecordContent } from "./metadata.ts";
import type { ChangeQueue } from "./queue.ts";

/** Changes of a record since the tables were written, by their places in the queue: texts stay on disk. */
interface PendingRecord {
  /** The row in the tables does not count any more. */
  readonly dropsStored: boolean;
  /** The tables do not have the record, or it was deleted and added again. */
  readonly isAdded: boolean;
  /** Sequence numbers of the changes to merge, oldest first. */
  readonly sequences: number[];
}

/**
 * The changes of documents and metadata that are only in the write-ahead queue: of a Chroma that was killed after it
 * noted a change and before it carried it out. Usually none.
 */
export class PendingChanges {
  readonly #queue: ChangeQueue;
  readonly #records = new Map<string, PendingRecord>();

  /**
   * @param taken the last sequence number that the tables contain
   * @param isStored whether the tables have a record of this id
   */
  constructor(queue: ChangeQueue, taken: number, isStored: (id: string) => boolean) {
    this.#queue = queue;
    for (const { sequence, operation, id } of queue.after(taken)) {
      const known = this.#records.get(id);
      const isLive = known ? known.isAdded || !known.dropsStored : isStored(id);
      if (operation === "delete") {
        if (isLive) this.#put(id, { dropsStored: true, isAdded: false, sequences: [] });
      } else if (isLive && operation !== "add") {
        if (known) known.sequences.push(sequence);
        else this.#put(id, { dropsStored: false, isAdded: false, sequences: [sequence] });
      } else if (!isLive && operation !== "update") {
        this.#put(id, { dropsStored: true, isAdded: true, sequences: [sequence] });
      }
    }
  }

  /** How many records there are more than in the tables. */
  countDifference(isStored: (id: string) => boolean): number {
    let difference = 0;
    for (const [id, { dropsStored, isAdded }] of this.#records) {
      difference += Number(isAdded) - Number(dropsStored && isStored(id));
    }
    return difference;
  }

  /** The current content of a table row; `undefined` if the row is no longer valid. */
  apply(id: string, content: RecordContent): RecordContent | undefined {
    const pending = this.#records.get(id);
    if (pending === undefined) return content;
    return pending.dropsStored ? undefined : this.#merged(content, pending);
  }

  /** Records that the tables do not have, in the order in which they were added. */
  *added(): Generator<readonly [id: string, content: RecordContent]> {
    for (const [id, pending] of this.#records) {
      if (pending.isAdded) yield [id, this.#merged(emptyContent(), pending)];
    }
  }

  /** A record that is added again moves to the end. */
  #put(id: string, record: PendingRecord): void {
    this.#records.delete(id);
    this.#records.set(id, record);
  }

  #merged(content: RecordContent, { sequences }: PendingRecord): RecordContent {
    for (const sequence of sequences) mergeChanges(content, this.#queue.readMetadata(sequence));
    return content;
  }
}
