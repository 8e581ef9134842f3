import { describe, expect, it } from "vitest";
import { type Mutation, mutations, type RuleName } from "./simulator/mutations.ts";
import { simulate } from "./simulator/simulate.ts";
import { type Workload, workloads } from "./simulator/world.ts";

const minute = 60_000;

describe("a simulated cutover (CUT-3, CUT-6)", () => {
  it.for([
    // In all 10,000 sequences; `npm run soak:cutover` runs more.
    [2_000, 1, "records"],
    [2_000, 100_001, "records"],
    [2_000, 300_001, "namespaces"],
    [1_000, 500_001, "groups"],
    [1_000, 700_001, "routed"],
    [2_000, 600_001, "outage"],
  ] as const)(
    "loses no acknowledged write, and its stores become equal: %i sequences from seed %i, workload %s",
    { timeout: 2 * minute },
    async ([sequences, first, workload]) => {
      for (let seed = first; seed < first + sequences; seed++) {
        const { fault } = await simulate(seed, undefined, workload);
        expect(fault, `seed ${seed}`).toBeUndefined();
      }
    },
  );

  it("copies in a slow process that the leader lacks a record, whose write never landed", async () => {
    expect((await simulate(1_200_156, undefined, "groups")).fault).toBeUndefined();
  });

  it("gives the same sequence for the same seed", async () => {
    expect(await simulate(7)).toEqual(await simulate(7));
  });
});

type Seeds = Readonly<Partial<Record<RuleName, number>>>;

/** A sequence that breaks a promise without the rule. After a change of the simulator, find others with `npm run soak:cutover -- --rule "…"`. */
const seeds: Seeds = {
  claim: 1_163,
  "queue behind queued": 60,
  "marks during rollback": 60,
  "wait at start": 8_997,
  "no retry after unknown": 253,
  level: 2_667,
  watermark: 60,
  "read after a write": 241,
  "rollback stays on the source": 98,
  "stage read inside the transaction": 109,
  "remove only finished": 10,
  "lease over": 294,
  "hold waits for open marks": 746,
  "flip needs drained": 150,
  "takeover in order": 723,
  "takeover with unknowns": 146,
  "first queued first": 11,
  "rollback holds": 170,
  "settle and finish wait for queued": 16,
  "heartbeat before the decision": 63_289,
  "catch-up by marks": 3_460,
  "no copy in source": 7,
  "flip waits for claims": 20_722,
  "unknown lets the claim expire": 2_651,
  "lowest open mark": 64_569,
  "clock margin": 41_303,
  "check at send time": 51,
};

/** The same, with writes to whole namespaces: `--workload namespaces`. */
const namespaceSeeds: Seeds = {
  "namespace after the start": 13_830,
  "queue behind the namespace": 82,
  "namespace waits for its writes": 88,
  "namespace claim": 23_758,
  "behind the namespace": 39,
  "namespace undoes earlier writes": 1_217,
  "takeover without what is undone": 34_012,
};

/** With writes that share their transactions: `--workload groups`. */
const groupSeeds: Seeds = {
  "own part of a group": 19,
  "a lost answer of a group": 45,
  "own failures of a group": 10_747,
};

/** With one store and a queue for its outages: `--workload outage`. */
const outageSeeds: Seeds = {
  claim: 198,
  "queue behind queued": 30,
  "first queued first": 1,
  "unknown lets the claim expire": 4_299,
  "queue behind the namespace": 593,
  "namespace waits for its writes": 2,
  "behind the namespace": 2,
  "namespace behind queued writes": 161,
  "forget what is over": 1,
  "own part of a group": 247,
  "a lost answer of a group": 32,
};

/** Through the class that serves users: `--workload routed`. */
const routedSeeds: Seeds = {
  claim: 16,
  "queue behind queued": 19,
  "own part of a group": 211,
  "a lost answer of a group": 362,
  "a retry only queues": 901_720,
  "commit before the answer": 32,
};

const seedsOf: Readonly<Record<Workload, Seeds>> = {
  records: seeds,
  namespaces: namespaceSeeds,
  groups: groupSeeds,
  routed: routedSeeds,
  outage: outageSeeds,
};

describe("each rule of the protocol is needed (CUT-3)", () => {
  it.for(
    workloads.flatMap((workload) =>
      Object.entries(seedsOf[workload]).map(([rule, seed]) => [rule, workload, seed] as const),
    ),
  )("%s, workload %s", async ([rule, workload, seed]) => {
    const mutation: Mutation = mutations[rule as RuleName];
    expect((await simulate(seed, mutation, workload)).fault).toBeDefined();
    expect((await simulate(seed, undefined, workload)).fault).toBeUndefined();
  });
});
