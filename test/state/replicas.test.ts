import { expect, it } from "vitest";
import { ReplicaRepository } from "../../src/state/replicas.ts";
import { describeOnEachStore } from "./contract.ts";

describeOnEachStore("replicas", (create) => {
  async function replicasOf() {
    const state = await create().open();
    const running = new Set([1, 2, 3]);
    const named = (replica: string, process: number, place = "here") =>
      new ReplicaRepository(state, { replica, place, process }, (id) => running.has(id));
    return { state, running, named };
  }

  it("that stop sign off, and those that are killed are lost and do not count", async () => {
    const { named, running } = await replicasOf();
    const [one, two, three] = [named("one", 1), named("two", 2), named("three", 3)];
    await one.signOn();
    await two.signOn();
    expect([...(await three.signOn()).serving].sort()).toEqual(["one", "three", "two"]);
    await one.signOff();
    running.delete(2);
    const { serving, lost } = await three.signOn();
    expect(serving).toEqual(["three"]);
    expect(lost).toEqual([{ replica: "two", seenAt: expect.any(Number) }]);
  });

  it("of another machine are lost without a sign of life, and forgotten after an hour", async () => {
    const { state, named } = await replicasOf();
    const here = named("here", 1);
    await named("there", 9, "there").signOn();
    expect([...(await here.signOn()).serving].sort()).toEqual(["here", "there"]);
    const age = (milliseconds: number) =>
      state.transaction(async (session) => {
        const time = (await session.now()) - milliseconds;
        await session.run("UPDATE replicas SET seen_at = ? WHERE replica = 'there'", time);
      });
    await age(31_000);
    const { serving, lost } = await here.signOn();
    expect([serving, lost.map(({ replica }) => replica)]).toEqual([["here"], ["there"]]);
    await age(3_700_000);
    expect((await here.signOn()).lost).toEqual([]);
  });
});
