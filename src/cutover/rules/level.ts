import {
  type CutoverRows,
  type NewMark,
  type RecordKey,
  type Side,
  wholeNamespace,
} from "../../state/cutover/rows.ts";
import type { Guards } from "../guards.ts";
import { touchText } from "../operation.ts";
import { noteInHistory } from "./history.ts";
import { keyText, type Protocol } from "./protocol.ts";

/**
 * Rule 15: asks for copies of these keys. Catch-up, verification and repair never write a store themselves. A key that
 * waits for such a copy already gets no second mark: repeated listings, while a store cannot be reached, add nothing.
 *
 * @param startEpoch adds them only while this start of the cutover is in force
 * @returns false if writes are not marked, or not since that start
 */
export function touch(
  { transaction, guards }: Protocol,
  keys: readonly RecordKey[],
  startEpoch?: number,
): Promise<boolean> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (!guards.isRecording(control)) return false;
    if (startEpoch !== undefined && control.startEpoch !== startEpoch) return false;
    const opened = await rows.now();
    const untouched = await withoutWaitingTouch(guards, rows, keys, opened);
    if (untouched.length === 0) return true;
    const first = await rows.takeSequences(untouched.length);
    await rows.addMarks(
      untouched.map(
        ({ namespace, id }, place): NewMark => ({
          sequence: first + place,
          namespace,
          id,
          operation: touchText,
          status: "settled",
          isTouch: true,
          lease: opened,
          opened,
          tag: "",
        }),
      ),
    );
    return true;
  });
}

/**
 * The keys without a touch that is still to be copied. Under a live claim, its copy may have read the leader before
 * now; with the tag of a hold, it may be copied the other way.
 */
async function withoutWaitingTouch(
  guards: Guards,
  rows: CutoverRows,
  keys: readonly RecordKey[],
  now: number,
): Promise<RecordKey[]> {
  const touches = (await rows.marksOf(keys)).filter(({ isTouch, tag }) => isTouch && tag === "");
  if (touches.length === 0) return [...keys];
  const wholes = [...new Set(touches.map(({ namespace }) => namespace))].map((namespace) => ({
    namespace,
    id: wholeNamespace,
  }));
  const live = (await rows.claimsOf([...touches, ...wholes])).filter((claim) => !guards.mayClaim(claim, now));
  const claimed = new Set(live.map(keyText));
  const waiting = new Set(
    touches
      .filter(({ namespace }) => !claimed.has(keyText({ namespace, id: wholeNamespace })))
      .map(keyText)
      .filter((key) => !claimed.has(key)),
  );
  return keys.filter((key) => !waiting.has(keyText(key)));
}

/** Rule 6: every key that either store held after the start was complete is touched. */
export function finishTouching({ transaction }: Protocol, startEpoch: number): Promise<void> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (control.startEpoch !== startEpoch || control.level !== "touching") return;
    await rows.saveControl({ ...control, level: "draining", levelAfter: await rows.lastSequence() });
  });
}

/** Rule 6: the target is level once the touches of the start are copied. @returns whether it is level now */
export function refreshLevel({ transaction }: Protocol): Promise<boolean> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (control.level !== "draining" || (await rows.hasTouch(control.levelAfter))) {
      return control.level === "level";
    }
    await rows.saveControl({ ...control, level: "level" });
    return true;
  });
}

/**
 * Notes which store leads and has lost its records, or that none has: reads go to the other one.
 * @param startEpoch of the start that it belongs to; nothing is done if another change came
 */
export function noteLostLeader(
  { transaction }: Protocol,
  startEpoch: number,
  lost: Side | undefined,
): Promise<void> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (control.startEpoch !== startEpoch || control.lost === lost) return;
    if (lost !== undefined && control.leader !== lost) return;
    await rows.saveControl({ ...control, lost });
  });
}

/**
 * Rule 6, once more: the follower has lost records, so that every key is touched again. Until they are copied, the
 * target is not level.
 *
 * @param startEpoch of the start that it belongs to; nothing is done if another change came
 */
export function levelAgain({ transaction }: Protocol, startEpoch: number, reason: string): Promise<boolean> {
  return transaction(async (rows) => {
    const control = await rows.control();
    if (control.startEpoch !== startEpoch || control.level !== "level" || control.hold) return false;
    await rows.saveControl({ ...control, level: "touching" });
    await noteInHistory(rows, "level again", { who: "ragfood", reason });
    return true;
  });
}
