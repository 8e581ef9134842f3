import { applyOperation } from "../../../src/cutover/operation.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { type ClientWrite, textOf } from "./operations.ts";

/**
 * Whether some order of the writes explains a value: an order that contains every required write and any of the
 * others, and in which a write that was answered before another began comes first.
 *
 * @param initial of the key, before all writes
 * @param writes of the key; failed ones are not among them
 */
export function isExplained(
  value: StoreRecord | undefined,
  initial: StoreRecord | undefined,
  writes: readonly ClientWrite[],
  isRequired: (write: ClientWrite) => boolean,
): boolean {
  const wanted = textOf(value);
  const required = writes.map(isRequired);
  const seen = new Set<string>();
  const search = (done: number, record: StoreRecord | undefined): boolean => {
    const text = textOf(record);
    if (text === wanted && required.every((is, place) => !is || (done & (1 << place)) !== 0)) return true;
    const name = `${done} ${text}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return writes.some((write, place) => {
      if ((done & (1 << place)) !== 0) return false;
      // Every write that was answered before this one began comes before it.
      const mustWait = writes.some(
        (other, at) => (done & (1 << at)) === 0 && other.responded < write.invoked,
      );
      return !mustWait && search(done | (1 << place), applyOperation(record, write.operation));
    });
  };
  return search(0, initial);
}
