import { expect, it } from "vitest";
import { Metrics } from "../../src/operations/metrics/metrics.ts";
import { readQueueDepths } from "../../src/state/cutover/queue-depths.ts";
import { describeOnEachStore } from "./contract.ts";

describeOnEachStore("the depth of queues (OPS-1)", (create) => {
  it("counts the writes that wait by queue, and those that are parked", async () => {
    const state = await create().open();
    expect(await readQueueDepths(state)).toEqual({ cutover: 0, fallback: 0, outage: 0, parked: 0 });
    const marks = [
      ["main", 1, "queued"],
      ["main", 2, "queued"],
      ["main", 3, "open"],
      ["secondary", 1, "queued"],
      ["outage https://one.example", 1, "queued"],
      ["outage https://other.example", 1, "queued"],
    ] as const;
    await state.transaction(async (session) => {
      for (const [pair, sequence, status] of marks) {
        await session.run(
          `INSERT INTO cutover_marks
             (pair, sequence, namespace, id, operation, bytes, status, is_touch, lease, opened, tag, checksum)
           VALUES (?, ?, '', 'a', '{}', 2, ?, 0, 0, 0, '', 0)`,
          pair,
          sequence,
          status,
        );
      }
      await session.run(
        `INSERT INTO cutover_parked (pair, sequence, namespace, id, operation, reason, parked_at, checksum)
         VALUES ('secondary', 9, '', 'a', '{}', 'too large', 0, 0)`,
      );
    });
    expect(await readQueueDepths(state)).toEqual({ cutover: 2, fallback: 1, outage: 2, parked: 1 });
  });

  it("is a series of each queue, and none while the state cannot be read", async () => {
    const state = await create().open();
    const metrics = new Metrics();
    metrics.watchQueues(async () => ({ ...(await readQueueDepths(state)) }));
    const series = async () => (await metrics.exposition()).text.match(/^ragfood_queue_depth\{.*$/gm) ?? [];
    expect(await series()).toEqual(
      ["cutover", "fallback", "outage", "parked"].map((queue) => `ragfood_queue_depth{queue="${queue}"} 0`),
    );
    await state.close();
    expect(await series()).toEqual([]);
  });
});
