import { ConnectionError, RagfoodError } from "../foundation/errors.ts";
import type { RecordKey, Side } from "../state/cutover/rows.ts";
import type { Document, StoreRecord } from "../store/document.ts";
import { withDeadline } from "../store/policies/fallback/deadline.ts";
import { faultOwner } from "../store/policies/fault-owner.ts";
import type { DocumentChange, VectorStore } from "../store/store.ts";
import { idOf, isAboutNamespace, type Operation } from "./operation.ts";
import type { Replica, SendResult } from "./replica.ts";

/** One call that wrote, without what was written. */
export interface WriteReport {
  readonly side: Side;
  /** The error's `code`, or `ok`. */
  readonly outcome: string;
}

export interface StoreReplicaOptions {
  /** Reads may be retried by its client. */
  readonly reader: VectorStore;
  /**
   * The same store, whose client repeats at most what a busy index refused: after an unknown outcome a second request
   * could land late.
   */
  readonly writer: VectorStore;
  readonly takesVectors: boolean;
  /** Milliseconds of one call; shorter than D by the time in which an abandoned request may still land. */
  readonly callTimeoutMs: number;
  /** Called after each call that wrote: for users, as a copy, or from the queue. */
  readonly onWrite?: (outcome: string) => void;
}

const listedPage = 1_000;

/** A vector store as the protocol uses it. */
export class StoreReplica implements Replica {
  readonly name: string;
  readonly takesVectors: boolean;
  readonly #options: StoreReplicaOptions;

  constructor(options: StoreReplicaOptions) {
    this.name = options.writer.name;
    this.takesVectors = options.takesVectors;
    this.#options = options;
  }

  async send(namespace: string, operations: readonly Operation[]): Promise<SendResult> {
    const { writer, callTimeoutMs, onWrite } = this.#options;
    let outcome = "ok";
    try {
      const count = await withDeadline({ service: this.name, deadlineMs: callTimeoutMs }, (signal) =>
        carryOut(writer, namespace, operations, signal),
      );
      return { outcome: "acknowledged", count };
    } catch (error) {
      outcome = error instanceof RagfoodError ? error.code : "unforeseen";
      return { count: 0, error: error as Error, ...outcomeOf(error) };
    } finally {
      onWrite?.(outcome);
    }
  }

  read(namespace: string, ids: readonly string[]): Promise<(StoreRecord | undefined)[]> {
    const { reader, callTimeoutMs: deadlineMs } = this.#options;
    return withDeadline({ service: this.name, deadlineMs }, (signal) =>
      reader.fetch(ids, { namespace, signal, includeVectors: this.takesVectors }),
    );
  }

  count(namespace: string): Promise<number> {
    const { reader, callTimeoutMs: deadlineMs } = this.#options;
    return withDeadline({ service: this.name, deadlineMs }, async (signal) => {
      const { namespaces } = await reader.info({ signal });
      return namespaces[namespace] ?? 0;
    });
  }

  async *keys(): AsyncGenerator<readonly RecordKey[]> {
    const { reader } = this.#options;
    for (const namespace of await reader.listNamespaces()) {
      for await (const records of reader.range({ namespace, pageSize: listedPage })) {
        yield records.map(({ id }) => ({ namespace, id }));
      }
    }
  }
}

/** One call: the operations are of one kind. */
async function carryOut(
  store: VectorStore,
  namespace: string,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<number> {
  const options = { namespace, signal };
  const documents: Document[] = [];
  const records: StoreRecord[] = [];
  const changes: DocumentChange[] = [];
  const [first] = operations;
  if (first && isAboutNamespace(first)) return carryOutWhole(store, namespace, first, signal);
  for (const operation of operations) {
    if (operation.kind === "document") documents.push(operation.document);
    else if (operation.kind === "record") records.push(operation.record);
    else if (operation.kind === "change") changes.push(operation.change);
  }
  if (documents.length > 0) await store.upsert(documents, options);
  else if (records.length > 0) await store.upsertRecords(records, options);
  else if (changes.length > 0) return Number(await store.update(changes[0] as DocumentChange, options));
  else return store.delete({ ids: operations.map(idOf) }, options);
  return operations.length;
}

/** A write to a whole namespace. @returns how many records it deleted, if the store counts them */
async function carryOutWhole(
  store: VectorStore,
  namespace: string,
  operation: Operation,
  signal: AbortSignal,
): Promise<number> {
  if (operation.kind === "deleteMatching") return store.delete(operation.target, { namespace, signal });
  if (operation.kind === "deleteNamespace") await store.deleteNamespace(namespace, { signal });
  else await store.reset({ namespace, signal });
  return 0;
}

/**
 * Whether a failed call certainly did nothing. A store that answers with a refusal did not write, and without a
 * connection nothing was sent. Everything else may have landed.
 */
function outcomeOf(error: unknown): Pick<SendResult, "outcome" | "isRefused"> {
  const owner = faultOwner(error);
  if (owner === "request" && (error as RagfoodError).code !== "answer-too-large") {
    return { outcome: "failed", isRefused: true };
  }
  if (owner === "settings") return { outcome: "failed" };
  if (error instanceof ConnectionError && !error.mayHaveArrived) return { outcome: "failed" };
  if (error instanceof RagfoodError && certainFailures.has(error.code)) return { outcome: "failed" };
  return { outcome: "unknown" };
}

/** The service answered, and refused for now; or the breaker let nothing through. */
const certainFailures: ReadonlySet<string> = new Set(["rate-limit", "quota", "circuit-open"]);
