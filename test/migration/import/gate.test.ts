import { expect, it } from "vitest";
import { RateLimitError } from "../../../src/foundation/errors.ts";
import { Gate } from "../../../src/migration/import/gate.ts";
import { Interruption } from "../../../src/migration/import/interruption.ts";
import { Pace } from "../../../src/migration/import/pace.ts";
import { defaultImportSettings } from "../../../src/migration/import/settings.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("MIG-5: admits as many requests as the pace allows, and none after the import stops", async () => {
  const pace = new Pace({ ...defaultImportSettings, pauseMs: 0 });
  for (let count = 0; count < 10; count++) pace.succeed(100, 50);
  const interruption = new Interruption({ drainMs: 0 });
  const gate = new Gate(pace, interruption);
  const answers: boolean[] = [];
  for (let count = 0; count < 6; count++) void gate.enter().then((isIn) => answers.push(isIn));
  await turn();
  expect(answers).toEqual([true, true, true, true]);
  // From four slots to two: the two that finish free no slot.
  pace.fail(new RateLimitError("test", "slowly"), performance.now());
  gate.leave();
  gate.leave();
  await turn();
  expect(answers).toHaveLength(4);
  gate.leave();
  await turn();
  expect(answers).toHaveLength(5);
  interruption.stop({ outcome: "cancelled" });
  await turn();
  expect(answers).toEqual([true, true, true, true, true, false]);
  interruption.close();
});
