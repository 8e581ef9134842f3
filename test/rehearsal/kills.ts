import { setTimeout as wait } from "node:timers/promises";
import type { ProcessName } from "./parts.ts";
import { changeFrom, impossibleWithout, mayRollBack, type Place, places } from "./places.ts";
import { between, type Rehearsal } from "./rehearsal.ts";
import type { PhaseResult } from "./report.ts";

/** Milliseconds that a phase lasts at least: of too few requests a share says nothing. */
const shortestPhaseMs = 4_000;

/**
 * `kill -9` of a process once in each stage and once at each change, of the way there and of the way back. If a rule
 * rolls back meanwhile, the way begins again, and what was done is not done again.
 * @param onResult called after each kill, with what is wrong about it
 */
export async function killEverywhere(
  rehearsal: Rehearsal,
  name: ProcessName,
  onResult: (result: PhaseResult, problems: readonly string[]) => void,
): Promise<void> {
  const left = new Set<Place>(places);
  const kill = async (place: Place, change?: (meanwhile: () => Promise<void>) => Promise<void>) => {
    left.delete(place);
    const result = await killIn(rehearsal, name, place, change);
    onResult(result, problemsOf(name, place, result));
  };
  while (left.size > 0) {
    const { stage } = await rehearsal.steady();
    if (stage === "target-only") throw new Error("The cutover was finished.");
    // A kill in a stage is one with a level target; the one at the start is earlier.
    if (left.has(stage)) {
      if (stage !== "dual-write" || (await rehearsal.ready())) await kill(stage);
      continue;
    }
    const change = changeFrom(stage);
    const leave = (meanwhile?: () => Promise<void>) =>
      stage === "target" ? rehearsal.rollBack(meanwhile) : rehearsal.goOn(meanwhile);
    if (!left.has(change)) await leave();
    else if (stage === "target" || (await rehearsal.ready())) await kill(change, leave);
  }
}

async function killIn(
  rehearsal: Rehearsal,
  name: ProcessName,
  place: Place,
  change?: (meanwhile: () => Promise<void>) => Promise<void>,
): Promise<PhaseResult> {
  const { client } = rehearsal;
  const known = new Set((await rehearsal.incidents()).map(({ id }) => id));
  const seen = client.enter(`${name}, ${place}`);
  const started = performance.now();
  const kill = () => rehearsal.crash(name, impossibleWithout(name, place));
  await (change ? change(kill) : kill());
  const rules = new Set<string>();
  let settledSeconds = 0;
  for (let seenRules = -1; seenRules < rules.size; ) {
    seenRules = rules.size;
    await rehearsal.settled();
    settledSeconds = (performance.now() - started) / 1_000;
    await wait(Math.max(0, started + shortestPhaseMs - performance.now()));
    for (const { id, evidence } of await rehearsal.incidents()) {
      if (known.has(id)) continue;
      for (const rule of (evidence as { rules: { name: string }[] }).rules) rules.add(rule.name);
    }
  }
  client.enter(between);
  const rolledBack = rules.size === 0 ? "" : ` Rolled back by ${[...rules].join(", ")}.`;
  rehearsal.say(`Settled ${settledSeconds.toFixed(1)} s after the kill.${rolledBack}`);
  return { what: name, where: place, rules: [...rules], settledSeconds, seen };
}

function problemsOf(name: ProcessName, place: Place, { rules }: PhaseResult): string[] {
  if (rules.length === 0 || mayRollBack(name, place)) return [];
  return [`${name} in ${place}: ${rules.join(", ")} rolled back although the target was healthy`];
}
