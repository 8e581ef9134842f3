import { RagfoodError, ServiceError } from "../foundation/errors.ts";
import type { RecordKey, Side } from "../state/cutover/rows.ts";
import type { Operation } from "./operation.ts";
import { type CutoverParts, type Lease, leaseOf } from "./parts.ts";
import { callsOf, type Replica, type SendResult } from "./replica.ts";
import { releaseClaims } from "./rules/claim.ts";
import type { Protocol } from "./rules/protocol.ts";

/** Result of one pass of a worker. */
export interface WorkReport {
  /** Keys, or writes, that were finished. */
  done: number;
  /** Those that have to be tried again. */
  failed: number;
  /** Writes that will never reach the store: refused for good, or damaged. */
  parked: number;
  /** Those that were not sent, because the claims ran out first. */
  late: number;
  /** The claims ran out, or the store may have failed because of the size of a call: a smaller batch may succeed. */
  isTooLarge: boolean;
  /** The side that could not be read. */
  unreadable?: Side;
  error?: Error;
}

export const idle: Readonly<WorkReport> = { done: 0, failed: 0, parked: 0, late: 0, isTooLarge: false };

export interface ClaimedWork<Item extends RecordKey> {
  readonly replica: Replica;
  readonly items: readonly Item[];
  readonly operationOf: (item: Item) => Operation;
  /** Records the success. @returns items whose claims go on, and that are sent next */
  readonly onAcknowledged: (items: readonly Item[]) => Promise<readonly Item[] | undefined>;
  /** The store refuses the write of this item for good. Default: it is tried again later. */
  readonly onRefused?: (item: Item, error: Error | undefined) => Promise<void>;
}

/** The claims of one pass, by one owner, under one lease. */
export class Claims {
  readonly owner: string;
  readonly report: WorkReport = { ...idle };
  readonly #parts: CutoverParts;
  readonly #lease: Lease;

  constructor(parts: CutoverParts) {
    this.#parts = parts;
    this.owner = parts.uniqueId();
    this.#lease = leaseOf(parts, parts.protocol.timing.claimLeaseMs);
  }

  /** Takes the claims, once. The lease begins in the transaction of `claim`. */
  take<Work>(claim: (protocol: Protocol, owner: string) => Promise<Work>): Promise<Work> {
    return claim(this.#lease.protocol, this.owner);
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
    const planned = calls.length;
    const late: Item[] = [];
    for (const [place, { namespace, operations, items: sent }] of calls.entries()) {
      // The check and the call are one step: nothing may come between them.
      const call = this.#lease.maySend() ? replica.send(namespace, operations) : undefined;
      if (call === undefined) {
        late.push(...sent);
        // Further writes of a key go on as long as they can, and say nothing about the batch.
        report.isTooLarge ||= place < planned;
        continue;
      }
      const result = await call;
      report.isTooLarge ||= isTooLarge(sent, result.error);
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
    if (late.length === 0) return;
    report.late += late.length;
    // Nothing was tried, so that the next attempt need not wait.
    await releaseClaims(this.#parts.protocol, this.owner, late);
  }

  /** Gives up the claims: the store cannot be read. */
  async unreadable(keys: readonly RecordKey[], side: Side, error: unknown): Promise<void> {
    this.report.unreadable = side;
    this.report.isTooLarge = isTooLarge(keys, error);
    await this.#fail(keys, { outcome: "failed", count: 0, error: error as Error });
  }

  async #fail(keys: readonly RecordKey[], { outcome, error }: SendResult): Promise<void> {
    this.report.failed += keys.length;
    if (error) this.report.error = error;
    const { protocol } = this.#parts;
    if (protocol.guards.releasesClaim(outcome)) {
      await releaseClaims(protocol, this.owner, keys, failureOf(error));
    }
  }
}

/** Failures that a smaller call may not have: too little time, or more than the store can do at once. */
const codesOfSize: ReadonlySet<string> = new Set(["timeout", "service", "answer-too-large"]);

function isTooLarge(keys: readonly RecordKey[], error: unknown): boolean {
  return keys.length > 1 && error instanceof RagfoodError && codesOfSize.has(error.code);
}

/** Names the store that failed: a copy uses two. */
function failureOf(error: unknown): string {
  return error instanceof ServiceError ? `${error.service}: ${error.message}` : messageOf(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
