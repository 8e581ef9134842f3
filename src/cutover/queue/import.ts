import { parseJson } from "../../foundation/exact-json/index.ts";
import { FormerQueue, type FormerWrite, hasFormerQueue } from "../../state/cutover/former-queue.ts";
import type { NewMark } from "../../state/cutover/rows.ts";
import { SqlCutoverRows } from "../../state/cutover/sql-rows.ts";
import type { StateDatabase } from "../../state/database.ts";
import { takeSequences } from "../../state/sequences.ts";
import type { Document, StoreRecord } from "../../store/document.ts";
import type { DeleteTarget, DocumentChange } from "../../store/store.ts";
import { encodeOperation, idOf, type Operation } from "../operation.ts";
import { outagePair } from "./pairs.ts";

/** Result of the import of an earlier version's queue. */
export interface QueueImport {
  readonly path: string;
  /** Records, and writes to whole namespaces, that wait in the outbox now. */
  readonly queued: number;
  /** Those that were parked, or are damaged. */
  readonly parked: number;
  readonly unreadable: number;
  /** The file with what could not be read. */
  readonly aside: string | undefined;
}

/** A call of the store, as earlier versions kept it. */
type FormerCall =
  | { readonly operation: "upsert"; readonly documents: readonly Document[] }
  | { readonly operation: "upsertRecords"; readonly records: readonly StoreRecord[] }
  | { readonly operation: "delete"; readonly target: DeleteTarget }
  | { readonly operation: "update"; readonly change: DocumentChange }
  | { readonly operation: "reset" | "deleteNamespace" };

const damagedReason = "It was damaged in the queue of an earlier version, and is not sent.";

/**
 * Moves the writes that an earlier version queued into the outbox, each once and in order, and removes their file. An
 * interrupted import continues after its last write.
 *
 * @returns `undefined` without such a file
 * @throws {QueueBusyError} while an earlier version sends them
 * @throws {StorageError | StateError}
 */
export async function importFormerQueue(
  state: StateDatabase,
  path: string,
): Promise<QueueImport | undefined> {
  if (!hasFormerQueue(path)) return undefined;
  const former = new FormerQueue(path);
  const total = { queued: 0, parked: 0 };
  try {
    const place = `former queue ${path}`;
    const done = await state.transaction(async (session) =>
      session.get<{ value: number }>("SELECT value FROM sequences WHERE name = ?", place),
    );
    let last = done?.value ?? 0;
    for (const write of former.writes(last)) {
      const { queued, parked } = await state.transaction(async (session) => {
        await takeSequences(session, place, write.sequence - last);
        return add(new SqlCutoverRows(session, outagePair(write.target)), write);
      });
      last = write.sequence;
      total.queued += queued;
      total.parked += parked;
    }
    const { unreadable } = former;
    const aside = former.remove();
    await state.transaction((session) => session.run("DELETE FROM sequences WHERE name = ?", place));
    return { path, ...total, unreadable, aside };
  } finally {
    former.close();
  }
}

async function add(rows: SqlCutoverRows, write: FormerWrite): Promise<{ queued: number; parked: number }> {
  const { namespace, isDamaged, isParked, reason, payload, queuedMs } = write;
  if (isDamaged) {
    const sequence = await rows.takeSequences(1);
    const parkedAt = await rows.now();
    const damaged = { namespace, id: "", operation: payload, reason: damagedReason, isDamaged };
    await rows.addParked({ ...damaged, sequence, parkedAt });
    return { queued: 0, parked: 1 };
  }
  const operations = operationsOf(parseJson(payload) as FormerCall);
  const first = await rows.takeSequences(operations.length);
  const marks = operations.map(
    (operation, offset): NewMark => ({
      sequence: first + offset,
      namespace,
      id: idOf(operation),
      operation: encodeOperation(operation),
      status: "queued",
      isTouch: false,
      lease: queuedMs,
      opened: queuedMs,
      tag: "",
    }),
  );
  if (!isParked) await rows.addMarks(marks);
  const parkedAt = await rows.now();
  for (const mark of isParked ? marks : []) await rows.addParked({ ...mark, reason, parkedAt });
  return isParked ? { queued: 0, parked: marks.length } : { queued: marks.length, parked: 0 };
}

function operationsOf(call: FormerCall): Operation[] {
  switch (call.operation) {
    case "upsert":
      return call.documents.map((document) => ({ kind: "document", document }));
    case "upsertRecords":
      return call.records.map((record) => ({ kind: "record", record }));
    case "update":
      return [{ kind: "change", change: call.change }];
    case "delete": {
      const { target } = call;
      if ("ids" in target) return target.ids.map((id) => ({ kind: "delete", id }));
      return [{ kind: "deleteMatching", target }];
    }
    default:
      return [{ kind: call.operation }];
  }
}
