import {
  CancelledError,
  InvalidRequestError,
  OutcomeUnknownError,
  QueueFullError,
  RagfoodError,
} from "../foundation/errors.ts";
import { counted } from "../foundation/plural.ts";
import { initialControl, type Side } from "../state/cutover/rows.ts";
import { StateError } from "../state/state-error.ts";
import { filterPredicate } from "../store/filter.ts";
import { CoolDown } from "../store/policies/fallback/cool-down.ts";
import { faultOwner } from "../store/policies/fault-owner.ts";
import type { DeleteTarget, VectorStore, WriteOptions } from "../store/store.ts";
import {
  applyOperation,
  bytesOf,
  decodeOperation,
  idOf,
  isAboutNamespace,
  type Operation,
} from "./operation.ts";
import { callBounds, type SendResult } from "./replica.ts";
import { keysWithMarks, queuedOperations } from "./rules/pending.ts";
import { keyText } from "./rules/protocol.ts";
import type { WriteRuntime } from "./runtime.ts";
import { groupedLedger, type WriteLedger, type WriteResult, write } from "./write.ts";

const listedPage = 1_000;

/** Records that are read together. */
const fetchedAtOnce = 100;

/** Records of a namespace that a reset deletes one by one. */
const mostSingle = 1_000;

export interface Written {
  /** Records that the store reports as deleted or updated. */
  readonly count: number;
  readonly queued: number;
  /** Rule 16: nothing was done, because the start is not complete. */
  readonly isTooEarly?: boolean;
  /** Rule 2: a retry could not be queued. */
  readonly isNotQueued?: boolean;
}

interface BatchPlace {
  readonly isRetry?: boolean;
  /** Of the batches of the same write that follow. */
  readonly bytesToCome?: number;
}

interface FailedBatch extends Pick<WriteResult, "leader" | "queuedIds"> {
  readonly sent: SendResult;
  readonly bytesToCome: number;
}

export interface RoutedWritesOptions {
  readonly runtime: WriteRuntime;
  /** To list records. */
  readonly readers: Readonly<Record<Side, VectorStore>>;
  /** Most bytes of operations that wait. Default: no bound. */
  readonly maximumBytes?: number | undefined;
  /** The transactions of the writes. Default: writes that arrive together share them. */
  readonly ledger?: WriteLedger | undefined;
}

/** Sends writes under the protocol, and queues them while their store is down. */
export class RoutedWrites {
  readonly #runtime: WriteRuntime;
  readonly #readers: Readonly<Record<Side, VectorStore>>;
  readonly #coolDowns: Readonly<Record<Side, CoolDown>>;
  readonly #ledger: WriteLedger;
  readonly #maximumBytes: number | undefined;
  /** Why the leading store was last found to be down. */
  #lastFailure: string | undefined;

  constructor({ runtime, readers, maximumBytes, ledger }: RoutedWritesOptions) {
    this.#runtime = runtime;
    this.#readers = readers;
    this.#ledger = ledger ?? groupedLedger(runtime.parts);
    this.#maximumBytes = maximumBytes;
    const now = runtime.parts.clock;
    const coolDown = () => new CoolDown({ failuresAllowed: 2, firstMs: 1_000, longestMs: 16_000, now });
    this.#coolDowns = { source: coolDown(), target: coolDown() };
  }

  /**
   * Writes operations of one kind, in order; of several for one id only the last counts, as in one call to a store.
   *
   * @throws {OutcomeUnknownError} if a part of them may be stored
   */
  async write(namespace: string, operations: readonly Operation[], options: WriteOptions): Promise<Written> {
    requireStorable(namespace, operations);
    const distinct = [...new Map(operations.map((operation) => [idOf(operation), operation])).values()];
    const total = { count: 0, queued: 0 };
    let bytesToCome = distinct.reduce((sum, operation) => sum + bytesOf(operation), 0);
    let done = 0;
    for (const batch of batchesOf(distinct)) {
      bytesToCome -= batch.reduce((sum, operation) => sum + bytesOf(operation), 0);
      const { count, queued } = await this.#writeBatch(namespace, batch, options, { bytesToCome }).catch(
        (error: unknown) => {
          throw this.#afterPart(done, distinct.length, error);
        },
      );
      done += batch.length;
      total.count += count;
      total.queued += queued;
    }
    return total;
  }

  /** A certain failure of one batch does not make the whole write a certain failure if another part was carried out. */
  #afterPart(done: number, all: number, error: unknown): unknown {
    if (done === 0 || error instanceof CancelledError || !(error instanceof RagfoodError)) return error;
    const { leader } = this.#runtime.presence.view?.control ?? initialControl;
    const hint = [error.hint, "Then write all of them again: what is stored is replaced by the same."];
    return new OutcomeUnknownError(
      this.#runtime.parts.replicas[leader].name,
      { cause: error, hint: hint.filter((part) => part !== undefined).join(" ") },
      `${done} of ${counted(all, "record")} are stored or queued. The next ones failed: ${error.message}`,
    );
  }

  async #writeBatch(
    namespace: string,
    operations: readonly Operation[],
    options: WriteOptions,
    { isRetry = false, bytesToCome = 0 }: BatchPlace = {},
  ): Promise<Written> {
    const { parts, presence, inBackground } = this.#runtime;
    const { control } = await this.#runtime.view({ toWrite: true });
    const coolDown = this.#coolDowns[control.leader];
    const isLeaderDown = isRetry || !coolDown.mayCall();
    const result = await this.#answered(
      write(parts, presence, namespace, operations, {
        isLeaderDown,
        isRetry,
        signal: options.signal,
        afterwards: inBackground,
        ledger: this.#ledger,
        ...(this.#maximumBytes !== undefined && { room: { maximumBytes: this.#maximumBytes, bytesToCome } }),
      }),
      control.leader,
      isLeaderDown,
    );
    const { sent, isTooEarly } = result;
    const queued = result.queuedIds.length;
    if (isTooEarly) {
      coolDown.abandoned();
      return { count: 0, queued: 0, isTooEarly };
    }
    if (result.isNotQueued) return { count: 0, queued, isNotQueued: true };
    if (queued > 0) this.#reportQueued(result, operations, isLeaderDown, options);
    if (sent === undefined || sent.outcome === "acknowledged") {
      if (sent) coolDown.succeeded();
      else if (!isLeaderDown) coolDown.abandoned();
      if (result.sequence !== undefined) options.onWritten?.(result.sequence);
      return { count: sent?.count ?? 0, queued };
    }
    const mayWait = this.#noteFailure(sent, result.leader, coolDown);
    if (mayWait && control.isStartComplete && !isRetry && !options.signal?.aborted) {
      return await this.#queueFailed(namespace, operations, options, { ...result, sent, bytesToCome });
    }
    throw this.#failureOf(result.leader, sent.error, isCertain(sent, queued));
  }

  #reportQueued(
    { leader }: Pick<WriteResult, "leader">,
    operations: readonly Operation[],
    isLeaderDown: boolean,
    { onQueued }: WriteOptions,
  ): void {
    const { replicas, protocol } = this.#runtime.parts;
    const isWhole = operations[0]?.kind === "reset" && !isLeaderDown && protocol.guards.isFollowed();
    const reason = isWhole ? largeNamespace : this.#whyQueued(isLeaderDown);
    onQueued?.({ store: replicas[leader].name, reason });
    this.#runtime.workSoon();
  }

  /** @returns whether the write may wait in the queue: the fault is not its own */
  #noteFailure({ error }: SendResult, leader: Side, coolDown: CoolDown): boolean {
    // The leader was not asked: this process was too slow.
    if (error instanceof StateError) {
      coolDown.abandoned();
      return true;
    }
    const owner = error && faultOwner(error);
    // Of the target a user never sees wrong settings either: the write waits, and the rules roll back.
    const isStoreFault =
      error === undefined || owner === "store" || (owner === "settings" && leader === "target");
    if (isStoreFault) {
      coolDown.failed();
      this.#lastFailure = error?.message;
    } else coolDown.succeeded();
    return isStoreFault;
  }

  /** Rule 2: a retry is a new write, behind this one, whose outcome may be unknown. */
  async #queueFailed(
    namespace: string,
    operations: readonly Operation[],
    options: WriteOptions,
    { sent, leader, queuedIds, bytesToCome }: FailedBatch,
  ): Promise<Written> {
    const queued = queuedIds.length;
    const isFirstCertain = isCertain(sent, queued);
    const failed = operations.filter((operation) => !queuedIds.includes(idOf(operation)));
    const retried = await this.#writeBatch(namespace, failed, options, { isRetry: true, bytesToCome }).catch(
      (error: unknown) => {
        // The retry did nothing for certain, and the first attempt may have.
        throw this.#failureOf(leader, error, isFirstCertain);
      },
    );
    if (!retried.isNotQueued) return { ...retried, queued: retried.queued + queued };
    throw this.#failureOf(leader, sent.error, isFirstCertain && retried.queued === 0);
  }

  #failureOf(leader: Side, error: unknown, isFailureCertain: boolean): unknown {
    if (isFailureCertain) return error;
    return new OutcomeUnknownError(this.#runtime.parts.replicas[leader].name, { cause: error });
  }

  #whyQueued(isLeaderDown: boolean): string {
    if (this.#runtime.presence.view?.control.hold) return "The leading store changes at this moment.";
    if (!isLeaderDown) return "Older writes to the same record wait.";
    return this.#lastFailure ?? "The leading store does not answer.";
  }

  async #answered<Result>(result: Promise<Result>, leader: Side, isLeaderDown: boolean): Promise<Result> {
    try {
      return await result;
    } catch (error) {
      this.#coolDowns[leader].abandoned();
      if (error instanceof QueueFullError) {
        const reason = this.#whyQueued(isLeaderDown).replace(/\.$/, "");
        throw new QueueFullError(`The write was not carried out (${reason}). ${error.message}`, {
          cause: error,
          ...(error.hint !== undefined && { hint: error.hint }),
        });
      }
      if (!(error instanceof StateError) || !error.mayHaveCommitted) throw error;
      throw new OutcomeUnknownError(this.#runtime.parts.replicas[leader].name, { cause: error });
    }
  }

  /** Writes to a whole namespace. */
  async writeWhole(namespace: string, operation: Operation, options: WriteOptions): Promise<Written> {
    requireStorable(namespace, [operation]);
    return this.#writeBatch(namespace, [operation], options);
  }

  /** Rule 16: the ids that a deletion means, in the leading store and among the writes that are on their way. */
  async resolve(target: DeleteTarget, namespace: string, options: WriteOptions): Promise<string[]> {
    if ("ids" in target) return [...target.ids];
    const { control } = await this.#runtime.view();
    const holds = "filter" in target ? filterPredicate(target.filter) : () => true;
    const prefix = "prefix" in target ? target.prefix : "";
    const ids = await this.#list(
      [this.#readers[control.leader]],
      namespace,
      options,
      (id, metadata) => id.startsWith(prefix) && holds(metadata),
    );
    const { protocol } = this.#runtime.parts;
    const marked = (await keysWithMarks(protocol, namespace)).filter(({ id }) => id.startsWith(prefix));
    const { signal } = options;
    // In parts: each queued write may have megabytes.
    for (let start = 0; start < marked.length; start += fetchedAtOnce) {
      const some = marked.slice(start, start + fetchedAtOnce);
      const operations = await queuedOperations(protocol, some);
      const queued = some.filter((key) => operations.has(keyText(key)));
      if (queued.length === 0) continue;
      const records = await this.#readers[control.leader].fetch(
        queued.map(({ id }) => id),
        { namespace, ...(signal && { signal }) },
      );
      for (const [place, key] of queued.entries()) {
        const written = operations.get(keyText(key))?.map((text) => decodeOperation(text) as Operation) ?? [];
        const record = written.reduce(applyOperation, records[place]);
        if (record && holds(record.metadata)) ids.add(key.id);
      }
    }
    return [...ids];
  }

  /**
   * Rule 16: empties a namespace. A few records are deleted one by one; of many, or if they cannot be listed, one
   * write to the whole namespace is queued, and later writes wait behind it.
   */
  async reset(namespace: string, options: WriteOptions): Promise<void> {
    const { control } = await this.#runtime.view();
    const mayWait = !control.isRecording || control.isStartComplete;
    const few = await this.#everyId(namespace, options, mayWait ? mostSingle : undefined);
    if (few === undefined) {
      const { isTooEarly } = await this.#writeBatch(namespace, [{ kind: "reset" }], options);
      if (!isTooEarly) return;
    }
    const ids = few ?? (await this.#everyId(namespace, options)) ?? [];
    await this.write(
      namespace,
      ids.map((id) => ({ kind: "delete", id })),
      options,
    );
  }

  /**
   * Every id of a namespace that either store or a waiting write knows.
   * @param most `undefined` is returned if there are more, or if a store does not answer
   */
  async #everyId(namespace: string, options: WriteOptions, most?: number): Promise<string[] | undefined> {
    const readers = [this.#readers.source, this.#readers.target];
    let ids: Set<string>;
    try {
      ids = await this.#list(readers, namespace, options, () => true, most);
    } catch (error) {
      if (most === undefined || faultOwner(error) !== "store") throw error;
      return undefined;
    }
    for (const { id } of await keysWithMarks(this.#runtime.parts.protocol, namespace)) ids.add(id);
    return most !== undefined && ids.size > most ? undefined : [...ids];
  }

  async #list(
    readers: readonly VectorStore[],
    namespace: string,
    { signal }: WriteOptions,
    accepts: (id: string, metadata: unknown) => boolean,
    most: number = Number.POSITIVE_INFINITY,
  ): Promise<Set<string>> {
    const ids = new Set<string>();
    for (const reader of readers) {
      const pages = reader.range({ namespace, pageSize: listedPage, ...(signal && { signal }) });
      for await (const page of pages) {
        for (const { id, metadata } of page) if (accepts(id, metadata)) ids.add(id);
        if (ids.size > most) return ids;
      }
    }
    return ids;
  }
}

/** What is queued will be done, and it is a part of the write. */
function isCertain({ outcome }: SendResult, queued: number): boolean {
  return outcome === "failed" && queued === 0;
}

const largeNamespace = "The namespace is emptied as a whole, before later writes to it.";

/** The state store keeps neither NUL nor halves of surrogate pairs in a key. */
function requireStorable(namespace: string, operations: readonly Operation[]): void {
  const wrong = [namespace, ...operations.map(idOf)].find((text) => /[\0\p{Surrogate}]/u.test(text));
  if (operations.some((operation) => !isAboutNamespace(operation) && idOf(operation) === "")) {
    throw new InvalidRequestError("cutover", "An id cannot be empty.", { hint: "Choose another id." });
  }
  if (wrong === undefined) return;
  throw new InvalidRequestError(
    "cutover",
    `${JSON.stringify(wrong)} cannot be an id or a namespace: it contains U+0000 or half of a surrogate pair.`,
    { hint: "Choose another id." },
  );
}

function* batchesOf(operations: readonly Operation[]): Generator<Operation[]> {
  let batch: Operation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const size = bytesOf(operation);
    const most = operation.kind === "document" ? callBounds.documents : callBounds.records;
    const isFull = batch.length >= most || bytes + size > callBounds.bytes;
    // A store takes one update a call.
    if (batch.length > 0 && (isFull || operation.kind === "change")) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(operation);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
