import type { RecordKey, Side } from "../state/cutover/rows.ts";
import type { Operation } from "./operation.ts";
import { type CutoverParts, leaseTimer } from "./parts.ts";
import { callsOf, type Replica, type SendResult } from "./replica.ts";
import { releaseClaims } from "./rules/claim.ts";

/** Result of one pass of a worker. */
export interface WorkReport {
  /** Keys, or writes, that were finished. */
  done: number;
  /** Those that have to be tried again. */
  failed: number;
  /** Writes that will never reach the store: refused for good, or damaged. */
  parked: number;
  /** The side that could not be read. */
  unreadable?: Side;
  error?: Error;
}

export const idle: Readonly<WorkReport> = { done: 0, failed: 0, parked: 0 };

export interface ClaimedWork<Item extends RecordKey> {
  readonly replica: Replica;
  readonly items: readonly Item[];
  readonly operationOf: (item: Item) => Operation;
  /** Records the success. @returns items whose claims go on, and that are sent next */
  readonly onAcknowledged: (items: readonly Item[]) => Promise<readonly Item[] | undefined>;
  /** The store refuses the write of this item for good. Default: it is tried again later. */
  readonly onRefused?: (item: Item, error: Error | undefined) => Promise<void>;
}

/** The claims of one pass, by one owner. Create it before the request for the claims: its timer starts here. */
export class Claims {
  readonly owner: string;
  readonly report: WorkReport = { ...idle };
  readonly #parts: CutoverParts;
  readonly #maySend: () => boolean;

  constructor(parts: CutoverParts) {
    this.#parts = parts;
    this.owner = parts.uniqueId();
    this.#maySend = leaseTimer(parts, parts.protocol.timing.claimLeaseMs);
  }

  /** Sends the operations while the lease lasts, and gives up the claims that have a known outcome. */
  async send<Item extends RecordKey>({
    replica,
    items,
    operationOf,
    onAcknowledged,
    onRefused,
  }: ClaimedWork<Item>): Promise<void> {
    const { report } = this;
    const calls = callsOf(items, operationOf);
    for (const { namespace, operations, items: sent } of calls) {
      // The check and the call are one step: nothing may come between them.
      const call = this.#maySend() ? replica.send(namespace, operations) : undefined;
      const result = await (call ?? tooLate);
      if (result.outcome === "acknowledged") {
        report.done += sent.length;
        calls.push(...callsOf((await onAcknowledged(sent)) ?? [], operationOf));
      } else if (result.isRefused && sent.length > 1) {
        // One of them is refused: the others go on alone.
        calls.push(...callsOf(sent, operationOf, 1));
      } else if (result.isRefused && onRefused) {
        for (const item of sent) await onRefused(item, result.error);
      } else {
        await this.#fail(sent, result);
      }
    }
  }

  /** Gives up the claims: the store cannot be read. */
  async unreadable(keys: readonly RecordKey[], side: Side, error: unknown): Promise<void> {
    this.report.unreadable = side;
    await this.#fail(keys, { outcome: "failed", count: 0, error: error as Error });
  }

  async #fail(keys: readonly RecordKey[], { outcome, error }: SendResult): Promise<void> {
    this.report.failed += keys.length;
    if (error) this.report.error = error;
    const { protocol } = this.#parts;
    if (protocol.guards.releasesClaim(outcome)) {
      await releaseClaims(protocol, this.owner, keys, messageOf(error));
    }
  }
}

const tooLate: SendResult = { outcome: "failed", count: 0, error: new Error("The claim ran out.") };

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
