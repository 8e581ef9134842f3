import type { Settings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { openState } from "../../state/open.ts";
import { mayHaveQueue } from "../outbox.ts";
import { controlIn } from "../outside-cutover.ts";

/**
 * A restore writes one store alone: during a cutover the other one would keep the former records.
 * @throws {UsageError} while a cutover is under way
 * @throws {StateError}
 */
export async function requireNoCutover(settings: Settings): Promise<void> {
  if (!mayHaveQueue(settings)) return;
  const state = await openState(settings);
  try {
    const { stage, isRecording } = await controlIn(state);
    // After the end, settings without CUTOVER_TO mean the store that stands alone.
    const isOver = stage === "target-only" && settings.cutover === undefined;
    if ((stage === "source" && !isRecording) || isOver) return;
    throw new UsageError(
      `The cutover is in the stage ${stage}: a restore would change one store without the other. Nothing was changed.`,
      {
        hint:
          stage === "target-only"
            ? "Set STORE=upstash, remove CUTOVER_TO, and run the command again."
            : "Run: ragfood cutover rollback. When it has settled, restore, and start the cutover again.",
      },
    );
  } finally {
    await state.close();
  }
}
