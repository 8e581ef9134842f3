import { emptyContent, mergeChanges, type RecordContent } from "./metadata.ts";
import type { ChangeQueue } from "./queue.ts";

/** What has become of a record since the tables were written. */
interface PendingRecord {
  /** Whether the row in the tables counts no more. */
  dropsStored: boolean;
  /** Changes to merge into the row in the tables, oldest first. */
  readonly changes: Record<string, unknown>[];
  /** A record that the tables do not have, or that was deleted and added again. */
  added: RecordContent | undefined;
  isLive: boolean;
}

/**
 * The changes of documents and metadata that lie in the write-ahead queue alone: of a Chroma that was killed
 * between noting a change and carrying it out. Usually none.
 */
export class PendingChanges {
  readonly #records = new Map<string, PendingRecord>();

  /**
   * @param taken the last sequence number that the tables have taken in
   * @param isStored whether the tables have a record of this id
   */
  constructor(queue: ChangeQueue, taken: number, isStored: (id: string) => boolean) {
    for (const { sequence, operation, id } of queue.after(taken)) {
      const known = this.#records.get(id);
      const isLive = known ? known.isLive : isStored(id);
      if (operation === "delete") {
        if (isLive) this.#put(id, { dropsStored: true, changes: [], added: undefined, isLive: false });
      } else if (isLive && operation !== "add") {
        this.#change(id, known, queue.readMetadata(sequence));
      } else if (!isLive && operation !== "update") {
        const added = emptyContent();
        mergeChanges(added, queue.readMetadata(sequence));
        this.#put(id, { dropsStored: true, changes: [], added, isLive: true });
      }
    }
  }

  /** How many records there are more than in the tables. */
  countDifference(isStored: (id: string) => boolean): number {
    let difference = 0;
    for (const [id, { dropsStored, added }] of this.#records) {
      difference += Number(added !== undefined) - Number(dropsStored && isStored(id));
    }
    return difference;
  }

  /** The content of a row of the tables as it is now; `undefined` when the row counts no more. */
  apply(id: string, content: RecordContent): RecordContent | undefined {
    const pending = this.#records.get(id);
    if (pending === undefined) return content;
    if (pending.dropsStored) return undefined;
    for (const changes of pending.changes) mergeChanges(content, changes);
    return content;
  }

  /** Records that the tables do not have, in the order in which they were added. */
  *added(): Generator<readonly [id: string, content: RecordContent]> {
    for (const [id, { added }] of this.#records) if (added) yield [id, added];
  }

  /** A record that is added again moves to the end. */
  #put(id: string, record: PendingRecord): void {
    this.#records.delete(id);
    this.#records.set(id, record);
  }

  #change(id: string, known: PendingRecord | undefined, changes: Record<string, unknown>): void {
    if (known?.added) mergeChanges(known.added, changes);
    else if (known) known.changes.push(changes);
    else this.#put(id, { dropsStored: false, changes: [changes], added: undefined, isLive: true });
  }
}
