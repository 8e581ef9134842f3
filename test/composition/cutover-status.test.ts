import { expect, it, onTestFinished } from "vitest";
import { doctorOptions } from "../../src/composition/application.ts";
import { openOperator } from "../../src/composition/cutover-guard.ts";
import { answersFrom } from "../../src/cutover/duties.ts";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { examine } from "../../src/operations/doctor.ts";
import type { Status } from "../../src/operations/status/status.ts";
import { advanceTo } from "../cutover/pair.ts";
import { startService } from "../pages/running-service.ts";

it("says in the status, in commands and in the doctor that the store which leads answers (CUT-1)", async () => {
  const service = await startService({
    STORE: "embedded",
    CUTOVER_TO: "upstash",
    CUTOVER_SHADOW_PERCENT: "100",
    CUTOVER_CALL_TIMEOUT_MS: "1000",
    CUTOVER_ABANDONED_MS: "100",
    CUTOVER_SPARE_MS: "500",
  });
  onTestFinished(() => service.stop());
  const { settings, routed } = service.application;
  const status = async () => (await (await fetch(`${service.url}/api/status`)).json()) as Status;
  const rolesOf = ({ stores }: Status) => stores.map(({ name, role }) => `${name}: ${role}`);
  const before = await status();
  expect(before.reading).toBe("embedded");
  expect(rolesOf(before)).toEqual(["embedded: primary", "upstash: unused"]);

  await advanceTo(routed as RoutedStore, "target", 20);
  // Each answer of the leading store is compared with one of the other store, which is asked after it.
  await service.ask(5);
  await expect.poll(async () => (await status()).reading).toBe("upstash");
  await expect.poll(async () => rolesOf(await status())).toEqual(["embedded: secondary", "upstash: primary"]);

  const { operator, close } = await openOperator(settings, settings.cutover as never);
  onTestFinished(close);
  const { control, names } = await operator.overview();
  expect(answersFrom(control, names)).toBe("Answers come from upstash");
  const found: string[] = [];
  for await (const { level, message } of examine(doctorOptions(settings))) {
    if (message.startsWith("Cutover")) found.push(`${level} ${message}`);
  }
  expect(found).toEqual([
    "fact Cutover: stage target. Answers come from upstash",
    expect.stringMatching(/^fact Cutover target: upstash: \d+ records$/),
  ]);
});
