import type { Operation } from "../../../src/cutover/operation.ts";
import type { StoreRecord } from "../../../src/store/document.ts";

/** One write of a client to one key, and what the client learned. Times are virtual. */
export interface ClientWrite {
  readonly id: string;
  readonly operation: Operation;
  readonly invoked: number;
  /** When the client got its answer; infinite before it, and for an unknown outcome. */
  responded: number;
  outcome: "acknowledged" | "failed" | "unknown";
  sequence: number | undefined;
}

/** One read that was answered. */
export interface ClientRead {
  readonly id: string;
  readonly value: StoreRecord | undefined;
  readonly began: number;
  readonly ended: number;
  /** The write that it has to show. */
  readonly after: number | undefined;
  /** It is labelled: it may be older than the bound. */
  readonly isStale: boolean;
  readonly store: string;
}

export function textOf(record: StoreRecord | undefined): string {
  if (record === undefined) return "absent";
  const entries = Object.entries(record.metadata ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(entries);
}
