import { ServiceFaultError } from "../foundation/errors.ts";
import type { Side } from "../state/cutover/rows.ts";
import type { StoreRecord } from "../store/document.ts";
import { decodeOperation } from "./operation.ts";
import { type CutoverParts, otherSide } from "./parts.ts";
import type { CopyWork, KeyToCopy } from "./rules/copy.ts";
import { isWhole, marksAround } from "./rules/namespace.ts";
import { keyText } from "./rules/protocol.ts";
import { isLoss } from "./watch/lost-records.ts";

/** A store that cannot be read, or that has nothing to read. */
export interface Unreadable {
  readonly side: Side;
  readonly error: unknown;
}

/** A copy of what a store does not hold deletes: right after these writes, and not after one that has put it there. */
const deletingKinds: ReadonlySet<string | undefined> = new Set([
  "delete",
  "deleteMatching",
  "reset",
  "change",
]);

/**
 * Writes whose record the leader lacked while it held the others: it will not have it later either, so that the next
 * attempt to copy it needs no time for this.
 */
const knownAbsent = new WeakMap<CutoverParts, Set<string>>();
const mostKnown = 1_000;

/**
 * Whether the leader was emptied behind the protocol: copies would delete what only the follower still holds. Such a
 * leader lacks a record that a write has put there, and most records of that namespace besides.
 *
 * @param records of the leader
 * @throws {StateError}
 */
export async function lostLeader(
  parts: CutoverParts,
  work: CopyWork,
  records: ReadonlyMap<KeyToCopy, StoreRecord | undefined>,
): Promise<Unreadable | undefined> {
  const known = knownAbsent.get(parts) ?? new Set();
  knownAbsent.set(parts, known);
  const absent = work.keys.filter(
    (key) => !isWhole(key) && records.get(key) === undefined && !known.has(attemptOf(key)),
  );
  if (absent.length === 0) return undefined;
  const lost = await lossOf(parts, work.leader, absent);
  if (lost) return lost;
  if (known.size > mostKnown) known.clear();
  for (const key of absent) known.add(attemptOf(key));
  return undefined;
}

function attemptOf(key: KeyToCopy): string {
  return `${keyText(key)}\0${key.sequences.at(-1)}`;
}

async function lossOf(
  { protocol, replicas }: CutoverParts,
  leader: Side,
  absent: readonly KeyToCopy[],
): Promise<Unreadable | undefined> {
  const { namespaces, underWay } = await protocol.transaction(
    async (rows) => {
      const last = absent.map(({ sequences }) => sequences.at(-1) as number);
      const operations = await rows.operationsOf(last);
      const { wholes } = await marksAround(rows, absent);
      const { open, settled, queued, touches } = await rows.countMarks();
      const { level } = await rows.control();
      const suspects = absent.filter((key, place) => {
        const kind = decodeOperation(operations.get(last[place] as number) ?? "")?.kind;
        return !deletingKinds.has(kind) && wholes(key).length === 0;
      });
      return {
        namespaces: new Set(suspects.map(({ namespace }) => namespace)),
        // At the start, touches delete what only the target holds.
        underWay: open + settled + queued - (level === "level" ? touches : 0),
      };
    },
    { readOnly: true },
  );
  let side = leader;
  try {
    for (const namespace of namespaces) {
      side = leader;
      const held = await replicas[side].count(namespace);
      side = otherSide(leader);
      const others = await replicas[side].count(namespace);
      if (!isLoss(held, others, underWay)) continue;
      const message = `It has lost its records: it holds ${held}, and the other store ${others}. Nothing is copied from it.`;
      return { side: leader, error: new ServiceFaultError(replicas[leader].name, message) };
    }
  } catch (error) {
    return { side, error };
  }
  return undefined;
}
