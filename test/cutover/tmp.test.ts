import { it } from "vitest";
import { mutations } from "./simulator/mutations.ts";
import { simulate } from "./simulator/simulate.ts";
it("runs", async () => {
  const count = Number(process.env.N ?? 1000), first = Number(process.env.S ?? 1);
  const mutation = process.env.M ? (mutations as any)[process.env.M] : undefined;
  const t = performance.now();
  let faults = 0, voids = 0, events = 0; const stages: any = {};
  for (let seed = first; seed < first + count; seed++) {
    const r = await simulate(seed, mutation);
    events += r.events; stages[r.stage] = (stages[r.stage] ?? 0) + 1;
    if (r.isVoid) voids++;
    if (r.fault) { faults++; if (faults <= 3) console.log(seed, r.stage, r.fault); if (process.env.STOP && faults >= Number(process.env.STOP)) {console.log("at", seed - first + 1); break;} }
  }
  console.log(process.env.M, { count, faults, voids, events, stages, ms: performance.now() - t });
}, 600000);
