import type { Settings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { openCutoverProtocol } from "../cutover.ts";
import { mayHaveQueue } from "../outbox.ts";

/**
 * A restore writes one store alone: during a cutover the other one would keep the former records.
 * @throws {UsageError} while a cutover is under way
 * @throws {StateError}
 */
export async function requireNoCutover(settings: Settings): Promise<void> {
  const { cutover } = settings;
  if (cutover === undefined || !mayHaveQueue(settings)) return;
  const { protocol, close } = openCutoverProtocol(settings, cutover);
  try {
    const { stage, isRecording } = await protocol.transaction(async (rows) => rows.control(), {
      readOnly: true,
    });
    if (stage === "source" && !isRecording) return;
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
    await close();
  }
}
