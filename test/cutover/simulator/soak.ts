/**
 * Runs many random sequences of a cutover: `npm run soak:cutover -- --count 300000 --seed 1`. With
 * `--workload namespaces` clients also empty whole namespaces, with `groups` writes share their transactions too, and
 * `outage` has one store with a queue. With `--rule` one rule of the protocol is off, and the
 * run looks for a sequence that shows why it is needed. Exit code 1 if a promise was broken with all rules on, or was
 * kept without the rule.
 */
import { parseArgs } from "node:util";
import { type Mutation, mutations } from "./mutations.ts";
import { simulate } from "./simulate.ts";
import { type Workload, workloads } from "./world.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "300000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    rule: { type: "string" },
    workload: { type: "string", default: "records" },
  },
});
const count = Number(values.count);
const first = Number(values.seed);
const rules: Readonly<Record<string, Mutation>> = mutations;
if (values.rule !== undefined && rules[values.rule] === undefined) {
  throw new Error(`There is no rule "${values.rule}". Rules: ${Object.keys(rules).join(", ")}.`);
}
if (!workloads.includes(values.workload as Workload)) {
  throw new Error(`There is no workload "${values.workload}". Workloads: ${workloads.join(", ")}.`);
}
const mutation = values.rule === undefined ? undefined : rules[values.rule];

console.log(`${count} sequences from seed ${first}${mutation ? ` without the rule "${values.rule}"` : ""}`);
const started = performance.now();
const ends = new Map<string, number>();
let [done, voids, faults] = [0, 0, 0];
for (let seed = first; done < count && !(mutation && faults > 0); seed++) {
  const { fault, isVoid, stage } = await simulate(seed, mutation, values.workload as Workload);
  done++;
  if (isVoid) voids++;
  ends.set(stage, (ends.get(stage) ?? 0) + 1);
  if (fault !== undefined) {
    faults++;
    console.log(`seed ${seed}: ${fault}`);
  }
  if (done % 20_000 === 0) console.log(`${done} sequences, ${faults} with a fault`);
}
const seconds = (performance.now() - started) / 1_000;
const stages = [...ends].map(([stage, number]) => `${stage} ${number}`).join(", ");
console.log(
  `${done} sequences in ${seconds.toFixed(0)} s, ${faults} with a fault, ${voids} void; ends: ${stages}`,
);
if (faults > 0 !== (mutation !== undefined)) process.exitCode = 1;
