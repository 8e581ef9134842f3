import { setTimeout as wait } from "node:timers/promises";
import type { Finding } from "../foundation/finding.ts";
import { namespaceName } from "../foundation/namespace-name.ts";
import { counted } from "../foundation/plural.ts";
import type { IndexExpectation } from "../store/check.ts";
import { EncryptedStore, type EncryptionOptions } from "../store/policies/index.ts";
import type { CallOptions, StoreInfo, VectorStore } from "../store/store.ts";
import { attempt, describeIndex, examined, failure, fitFindings } from "./finding.ts";
import { type IndexFileVerification, indexFileFinding } from "./machine-findings.ts";
import { writeTokenFinding } from "./token-findings.ts";

export interface SecondaryChecks {
  readonly open: () => VectorStore;
  /** Where the embedded index will be; missing if it exists, or the cloud serves. */
  readonly missingIndex?: string;
  readonly expectation: IndexExpectation;
  /** The namespace that questions search. */
  readonly namespace: string;
  /** The setting of the token that writes to it; missing if it needs none. */
  readonly token?: string;
  /** Whether it gets a copy of each write, instead of the data file alone. */
  readonly isCopy: boolean;
  /** How complete the copy in this file is; missing if it gets none. `undefined` before its start. */
  readonly readCopy?: (fileId: string | undefined) => Promise<CopyFacts | undefined>;
  /** Compares the file of an embedded index with its checksums; absent if there is no such file. */
  readonly verifyFile?: IndexFileVerification;
  /** Milliseconds before numbers that differ are read again. Default 700. */
  readonly settleMs?: number;
}

/** How a second copy stands. */
export interface CopyFacts {
  /** It holds every record, but for writes under way. Until then it answers nothing. */
  readonly isComplete: boolean;
  /** Writes that it does not have yet. */
  readonly underWay: number;
}

/** The primary store as it reports itself, and how to ask it again. */
export interface PrimaryInfo {
  readonly info: StoreInfo;
  readonly read: () => Promise<StoreInfo>;
}

/** What waits in the outbox. */
export interface QueueFacts {
  readonly waiting: number;
  readonly oldest: { readonly since: Date } | undefined;
  readonly parkedCount: number;
  readonly damaged: readonly number[];
  /** Writes for other indexes. */
  readonly elsewhere: number;
}

export interface QueueChecks {
  /** `undefined` if nothing has been queued yet: the check creates no file. */
  readonly read: () => Promise<QueueFacts | undefined>;
  /** The settings queue writes: also an empty queue is reported. */
  readonly isExpected: boolean;
}

export interface EncryptionChecks extends EncryptionOptions {
  readonly namespace: string;
}

/** Records that are read to try the keys. */
const sampleSize = 100;

/** How the second store gets the records that it lacks. */
function fillHint(isCopy: boolean): string {
  return isCopy
    ? "A running process copies them while the primary store answers: ragfood serve. Compare both: ragfood fallback verify"
    : "Fill it while the primary store answers, with the data file of the index: ragfood ingest";
}

/**
 * Checks whether the secondary store answers, fits, and holds as many records (VEC-8).
 * @param primary `undefined` if it does not answer
 */
export async function* secondaryFindings(
  checks: SecondaryChecks,
  primary: PrimaryInfo | undefined,
  { signal }: CallOptions,
): AsyncGenerator<Finding> {
  const { open, missingIndex, expectation, token, isCopy, readCopy, verifyFile } = checks;
  if (missingIndex !== undefined) {
    yield examined("Secondary", "warning", `none yet at ${missingIndex}`, fillHint(isCopy));
    return;
  }
  let store: VectorStore | undefined;
  try {
    store = open();
    const opened = store;
    const options = { signal };
    const info = await opened.info(options);
    yield examined("Secondary", "fact", `${store.name}: ${describeIndex(info)}`);
    yield* fitFindings("Secondary settings", info, expectation);
    if (token !== undefined) {
      yield await attempt("Secondary token", () =>
        writeTokenFinding("Secondary token", token, opened, options),
      );
    }
    if (readCopy) yield await attempt("Second copy", async () => copyFinding(await readCopy(opened.fileId)));
    yield await attempt("Secondary records", () => recordsFinding(opened, info, primary, checks, options));
  } catch (error) {
    yield failure("Secondary", error);
  } finally {
    await store?.close();
  }
  if (verifyFile) yield indexFileFinding("Secondary file", verifyFile);
}

function copyFinding(copy: CopyFacts | undefined): Finding {
  const subject = "Second copy";
  if (copy === undefined) {
    return examined(subject, "warning", "not begun", "A running process makes it: ragfood serve");
  }
  const { isComplete, underWay } = copy;
  if (isComplete) {
    const writes = underWay === 0 ? "" : `, but for ${counted(underWay, "write")} under way`;
    return examined(subject, "fact", `complete${writes}`);
  }
  const detail = "not complete: it answers nothing if the index fails";
  return examined(subject, "problem", detail, fillHint(true));
}

/** Looks at numbers that differ: a write may have reached one store between two reads. */
const looks = 4;

/** If the numbers of records differ, the second store gives other answers. */
async function recordsFinding(
  store: VectorStore,
  first: StoreInfo,
  primary: PrimaryInfo | undefined,
  { namespace, isCopy, readCopy, settleMs = 700 }: SecondaryChecks,
  options: CallOptions,
): Promise<Finding> {
  const hint = fillHint(isCopy);
  let finding = compareCounts(first, primary?.info, namespace, hint);
  // Only a copy follows the writes of the moment.
  if (readCopy === undefined || primary === undefined) return finding;
  for (let look = 1; look < looks && finding.level !== "fact"; look++) {
    await wait(settleMs, undefined, options.signal ? { signal: options.signal } : {});
    const [info, ours, copy] = [
      await store.info(options),
      await primary.read(),
      await readCopy(store.fileId),
    ];
    finding = compareCounts(info, ours, namespace, hint, copy?.underWay);
  }
  return finding.level === "warning" ? { ...finding, level: "problem" } : finding;
}

function compareCounts(
  info: StoreInfo,
  primary: StoreInfo | undefined,
  namespace: string,
  hint: string,
  underWay = 0,
): Finding {
  const subject = "Secondary records";
  const countIn = (side: StoreInfo, name: string) => side.namespaces[name] ?? 0;
  const own = `${counted(info.recordCount, "record")} in ${counted(Object.keys(info.namespaces).length, "namespace")}`;
  if (countIn(info, namespace) === 0) {
    const detail = `${own}, and nothing in ${namespaceName(namespace)}: it cannot answer for it`;
    return examined(subject, "warning", detail, hint);
  }
  if (primary === undefined) {
    return examined(subject, "fact", `${own}; not compared, since the index does not answer`);
  }
  const names = new Set([...Object.keys(primary.namespaces), ...Object.keys(info.namespaces)]);
  const differing = [...names].filter(
    (name) => Math.abs(countIn(info, name) - countIn(primary, name)) > underWay,
  );
  if (differing.length === 0 && underWay > 0) {
    return examined(
      subject,
      "fact",
      `${own}, as many as the index but for ${counted(underWay, "write")} under way`,
    );
  }
  if (differing.length === 0) return examined(subject, "fact", `${own}, as many as the index`);
  const differences = differing.map(
    (name) => `${countIn(info, name)} of ${countIn(primary, name)} in ${namespaceName(name)}`,
  );
  return examined(subject, "warning", `${own}; the index holds others: ${differences.join(", ")}`, hint);
}

/** Waiting writes, and writes that the index has refused. */
export async function* queueFindings({ read, isExpected }: QueueChecks): AsyncGenerator<Finding> {
  let isEmpty = false;
  const finding = await attempt("Write queue", async () => {
    const facts = await read();
    isEmpty = facts === undefined || facts.waiting + facts.parkedCount + facts.elsewhere === 0;
    return queueFinding(facts);
  });
  if (isExpected || !isEmpty) yield finding;
}

function queueFinding(facts: QueueFacts | undefined): Finding {
  const subject = "Write queue";
  if (facts === undefined) return examined(subject, "fact", "nothing has been queued yet");
  const { waiting, parkedCount, oldest, elsewhere, damaged } = facts;
  const since = oldest ? ` since ${oldest.since.toISOString()}` : "";
  const detail = `${waiting} waiting${since}, ${parkedCount} parked${elsewhere > 0 ? `, ${elsewhere} for other indexes` : ""}`;
  if (damaged.length > 0) {
    const hint = `Drop each with ragfood queue discard --number ${damaged[0]}, once ragfood queue drain has sent the others. Write the records again, and check the disk.`;
    return examined(subject, "problem", `${detail}; damaged and not sent: ${damaged.join(", ")}`, hint);
  }
  if (waiting + parkedCount + elsewhere === 0) return examined(subject, "fact", detail);
  const hint =
    parkedCount > 0
      ? "ragfood queue shows why they were refused; retry or discard them."
      : elsewhere > 0
        ? "ragfood queue shows how to send them to the current index, or to drop them."
        : "They are sent while ragfood runs; at once with: ragfood queue drain";
  return examined(subject, "warning", detail, hint);
}

/** The keys by their ids, and whether they decrypt the records of the index (SEC-4). */
export async function* encryptionFindings(
  { namespace, ...encryption }: EncryptionChecks,
  openStore: () => VectorStore,
): AsyncGenerator<Finding> {
  const { keys } = encryption;
  const [, ...older] = keys.ids;
  const reads = older.length === 0 ? "" : `, reads ${older.join(", ")} too`;
  yield examined("Encryption keys", "fact", `encrypts with the key ${keys.currentId}${reads}`);
  yield await attempt("Encrypted records", async () => {
    const store = new EncryptedStore({ ...encryption, store: openStore() });
    try {
      const pages = store.range({ namespace, pageSize: sampleSize });
      const { value: page = [] } = await pages.next();
      const detail = `the keys open ${counted(page.length, "record")} of ${namespaceName(namespace)} that were tried`;
      return examined("Encrypted records", "fact", detail);
    } finally {
      await store.close();
    }
  });
}
