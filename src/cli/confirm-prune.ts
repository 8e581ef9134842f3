import type { PruneProposal } from "../foods/ingest.ts";
import { CancelledError, UsageError } from "../foundation/errors.ts";
import { counted } from "../foundation/plural.ts";
import type { CommandContext } from "./command.ts";
import { nameText } from "./foreign-text.ts";
import { asks } from "./question.ts";

interface PruneFlags {
  /** Where the records are, as messages name it. */
  readonly store: string;
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

/**
 * Shows the records that `ingest --prune` would delete, and asks on a terminal.
 *
 * @throws {UsageError} for more than half of the records without `--force`, and without a terminal for any without
 * `--yes`
 * @throws {CancelledError} if the answer is no
 */
export async function confirmPrune(
  { count, total, ids }: PruneProposal,
  { store, yes, force, json }: PruneFlags,
  context: CommandContext,
): Promise<void> {
  const more = count > ids.length ? ", …" : "";
  const what = `${counted(count, "record")} of ${total.toLocaleString("en")} in the ${store} index`;
  const subject = `--prune would delete ${what}, which the file does not have`;
  const listed = `: ${ids.map(nameText).join(", ")}${more}`;
  if (count * 2 > total && !force) {
    throw new UsageError(`${subject}${listed}. That is more than half; nothing was written.`, {
      hint: "If the file is the right one, add --force. --dry-run shows what would change.",
    });
  }
  if (yes) return;
  const isAsked = asks(context, json);
  if (isAsked === undefined) {
    throw new UsageError(`${subject}${listed}. Nothing was written.`, {
      hint: "Confirm it with --yes. --dry-run shows what would change.",
    });
  }
  context.terminal.note(`${subject}${listed}.`);
  if (await isAsked(`Delete ${counted(count, "record")}?`)) return;
  throw new CancelledError("Nothing was written or deleted.");
}
