import { SettingsError } from "../../foundation/errors.ts";
import type { Binding, Control, CutoverRows, FileIds, Side } from "../../state/cutover/rows.ts";
import { otherSide } from "../parts.ts";
import { noteInHistory } from "./history.ts";

/** How a process is bound to its two stores. */
export interface BindingOptions {
  readonly stores: Binding;
  /** Another target than before ends the copy to the former one, and a new start compares both. Otherwise it is refused. */
  readonly copiesAgain: boolean;
  /** The files of its embedded stores. */
  readonly files?: FileIds;
}

/**
 * Keeps a pair to the stores that it was started with: marks, level and queued writes are about these. While writes are
 * marked, the first process binds the pair. Call it in each transaction, before anything else.
 *
 * @throws {SettingsError} if the pair is bound to other stores
 */
export async function requireBound(
  rows: CutoverRows,
  { stores, copiesAgain }: BindingOptions,
  isReadOnly: boolean,
): Promise<void> {
  const control = await rows.control();
  const { binding } = control;
  if (!control.isRecording) return;
  if (binding === undefined) {
    if (!isReadOnly) await rows.saveControl({ ...control, binding: stores });
    return;
  }
  // In `source` without a hold nothing is copied to the target, and nothing is read from it.
  const concernsTarget = copiesAgain || control.stage !== "source" || control.hold !== undefined;
  const isOtherSource = binding.source !== stores.source;
  const isOtherTarget = concernsTarget && binding.target !== stores.target;
  if (!isOtherSource && !isOtherTarget) return;
  // With another target as well, it is another pair: nothing of the former one is overwritten.
  const isNewPair = !isOtherSource || (isOtherTarget && !(await rows.hasQueued()));
  // No process is cut off from the stores that it works with.
  const now = await rows.now();
  const isInUse = (await rows.heartbeats()).some(({ expires }) => expires > now);
  if (!copiesAgain || isReadOnly || isInUse || !isNewPair) throw otherStores(control, stores, copiesAgain);
  const epoch = control.epoch + 1;
  // As a rollback: queued writes go to the source, the marks for the former target are dropped, and then a start
  // compares the new one, which may be of another dimension or model.
  const next: Control = {
    ...control,
    stage: "source",
    leader: "source",
    hold: undefined,
    binding: stores,
    level: "none",
    levelAfter: 0,
    epoch,
    confirmedAt: undefined,
  };
  await rows.saveControl(next);
  await rows.appendHistory({
    at: now,
    event: "other stores",
    from: control.stage,
    to: next.stage,
    leader: next.leader,
    epoch,
    who: "ragfood",
    reason: `The copy is made from the beginning, if both fit: from ${stores.source} to ${stores.target}.`,
    evidence: JSON.stringify({ before: binding }),
  });
}

/**
 * Notes the files of this process. If that of the follower is not the one that was copied to, as after a repair, a
 * restore or the loss of a disk, the follower is not level: every key is copied again, and no read goes there until then.
 *
 * @returns whether the files are noted: a process has to do it once, while writes are marked
 */
export async function noteFiles(rows: CutoverRows, files: FileIds): Promise<boolean> {
  const control = await rows.control();
  if (!control.isRecording) return false;
  const follower = otherSide(control.leader);
  const known = control.files[follower];
  const isOther = known !== undefined && files[follower] !== undefined && files[follower] !== known;
  // `none`: a start that is not complete touches every key anyway.
  const level = isOther && control.level !== "none" ? "touching" : control.level;
  await rows.saveControl({ ...control, level, files: { ...control.files, ...files } });
  if (isOther) {
    const reason = `The ${follower} is another file than the one that was copied to: it was repaired, restored or made again.`;
    await noteInHistory(rows, "level again", { who: "ragfood", reason });
  }
  return true;
}

function otherStores({ binding, stage }: Control, stores: Binding, copiesAgain: boolean): SettingsError {
  const side: Side = binding?.source === stores.source ? "target" : "source";
  const { name, advice } = (copiesAgain ? copyTexts : cutoverTexts)[side];
  return new SettingsError([
    `The ${name} is ${stores[side]}, but the stage ${stage} belongs to ${binding?.[side]}. ${advice}`,
  ]);
}

interface Texts {
  readonly name: string;
  readonly advice: string;
}

const rollBackFirst = "Set it back, or roll back first (ragfood cutover rollback).";

const cutoverTexts: Readonly<Record<Side, Texts>> = {
  source: { name: "source of the cutover", advice: rollBackFirst },
  target: { name: "target of the cutover", advice: rollBackFirst },
};

const copyTexts: Readonly<Record<Side, Texts>> = {
  source: {
    name: "index with a second copy",
    advice:
      "Set it back. Or send or discard the queued writes (ragfood queue), and name another second store too: it becomes a copy of the new index.",
  },
  target: {
    name: "second store",
    advice: "Other processes still use that one: stop them, or give all processes the same settings.",
  },
};
