import type { CutoverParts } from "./parts.ts";
import { finishTouching, touch } from "./rules/level.ts";

/**
 * Rule 6: touches every key of both stores, so that the target becomes level: it gets what it lacks, and loses what
 * the source does not hold. Run twice, it touches once what still waits. The target is listed first: if it cannot be
 * reached, nothing is touched.
 *
 * @param startEpoch of the start that it belongs to; it ends early if another change came
 * @returns the number of keys that were touched
 * @throws if a store cannot be listed
 */
export async function touchEveryKey(parts: CutoverParts, startEpoch: number): Promise<number> {
  let count = 0;
  for (const replica of [parts.replicas.target, parts.replicas.source]) {
    for await (const keys of replica.keys()) {
      if (keys.length === 0) continue;
      if (!(await touch(parts.protocol, keys, startEpoch))) return count;
      count += keys.length;
    }
  }
  await finishTouching(parts.protocol, startEpoch);
  return count;
}
