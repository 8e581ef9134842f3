import { isDeepStrictEqual } from "node:util";
import type { StoreRecord } from "../../src/store/document.ts";
import type { VectorStore } from "../../src/store/store.ts";
import type { Rehearsal } from "./rehearsal.ts";

/** What both stores hold, compared with what the client knows. */
export interface CheckResult {
  /** Acknowledged writes that a store lacks. */
  readonly missing: number;
  /** A sentence for each of them, and for each record that differs. */
  readonly problems: readonly string[];
}

/** Stops the client, waits until no write is on its way, and compares both stores with what the client knows. */
export async function check(rehearsal: Rehearsal): Promise<CheckResult> {
  const { client, parts } = rehearsal;
  rehearsal.say("The client stops; the outbox is drained.");
  await client.stop();
  await rehearsal.until("an empty outbox", async () => {
    const { lag, isHeld, queued } = await rehearsal.cutover();
    return !isHeld && queued === 0 && (lag?.records ?? 0) === 0;
  });
  const [left, right] = [await recordsOf(parts.stores.source), await recordsOf(parts.stores.target)];
  const problems: string[] = [];
  for (const [id, { acknowledged, unknown }] of client.expected) {
    const allowed = [acknowledged, ...unknown];
    for (const [name, records] of [
      ["source", left],
      ["target", right],
    ] as const) {
      const found = records.get(id)?.text;
      if (!allowed.includes(found)) {
        problems.push(`${id} in the ${name}: ${JSON.stringify(found)}, allowed ${JSON.stringify(allowed)}`);
      }
    }
  }
  const missing = problems.length;
  for (const id of new Set([...left.keys(), ...right.keys()])) {
    const [one, other] = [left.get(id), right.get(id)];
    if (one?.text !== other?.text || !isDeepStrictEqual(one?.metadata, other?.metadata)) {
      problems.push(`${id} differs: ${JSON.stringify(one)} and ${JSON.stringify(other)}`);
    }
  }
  rehearsal.say(`${client.expected.size} ids were written; problems: ${problems.length}.`);
  return { missing, problems };
}

async function recordsOf(store: VectorStore): Promise<Map<string, StoreRecord>> {
  const records = new Map<string, StoreRecord>();
  for await (const page of store.range({ pageSize: 500 }))
    for (const record of page) records.set(record.id, record);
  return records;
}
