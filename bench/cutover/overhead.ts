/**
 * What a cutover costs a user: `npm run bench:cutover -- --writes 400 --reads 2000`. Two served indexes in processes
 * of their own; calls alternate between one store alone and the routed pair, so that both meet the same load.
 *
 * The bar: a write in `dual-write` adds at most 1.2 × the slower store's latency, a read adds nothing, and shadow
 * reads of every question add at most 5 % to the p95.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openRoutedStore } from "../../dist/composition/cutover.js";
import { readSettings } from "../../dist/config/settings.js";
import { changeStage } from "../../dist/cutover/rules/change.js";
import type { CutoverEvent } from "../../dist/cutover/transitions.js";
import { UpstashStore } from "../../dist/store/upstash.js";
import { HttpRequester } from "../../dist/transport/http-requester.js";
import { printMachine, quantile } from "../index/report.ts";
import { words } from "../index/texts.ts";
import { ServedIndex } from "../soak/served-index.ts";

const { values } = parseArgs({
  options: {
    writes: { type: "string", default: "400" },
    reads: { type: "string", default: "2000" },
  },
});

const directory = mkdtempSync(join(tmpdir(), "ragfood-cutover-"));
const indexes: ServedIndex[] = [];
for (const name of ["source", "target"]) {
  mkdirSync(join(directory, name));
  indexes.push(await ServedIndex.start(join(directory, name), `token-of-the-${name}`));
}
const [source, target] = indexes.map(({ url, token }, place) => {
  const requester = new HttpRequester({ url, token, timeoutMs: 10_000, retry: { retries: 0 } });
  return new UpstashStore({ name: place === 0 ? "source" : "target", requester });
}) as [UpstashStore, UpstashStore];
const settings = readSettings({
  STORE: "embedded",
  RAGFOOD_DIR: join(directory, "state"),
  CUTOVER_TO: "upstash",
  UPSTASH_VECTOR_REST_URL: indexes[1]?.url ?? "",
  UPSTASH_VECTOR_REST_TOKEN: indexes[1]?.token ?? "",
  CUTOVER_CALL_TIMEOUT_MS: "500",
  CUTOVER_SHADOW_PERCENT: "100",
});
const stores = { source: { reader: source, writer: source }, target: { reader: target, writer: target } };
const cutover = settings.cutover as NonNullable<typeof settings.cutover>;
let comparisons = 0;
const onShadowComparison = (): void => {
  comparisons++;
};
const plain = openRoutedStore(settings, cutover, stores, {});
const shadowed = openRoutedStore(settings, cutover, stores, { onShadowComparison });

printMachine();
const word = words(1);
const textOf = (): string => Array.from({ length: 40 }, word).join(" ");
const documents = Array.from({ length: 1_000 }, (_, place) => ({
  id: `${place}`,
  text: textOf(),
  metadata: {},
}));
await source.upsert(documents);
await shadowed.runtime.view();
await advance("start", "dual-write");

const writes = Number(values.writes);
const one = (): [{ id: string; text: string; metadata: Record<string, unknown> }] => [
  { id: randomUUID(), text: textOf(), metadata: {} },
];
report(
  "write",
  await interleaved(writes, {
    source: () => source.upsert(one()),
    target: () => target.upsert(one()),
    "dual-write": () => plain.upsert(one()),
  }),
);

await advance("advance", "shadow-read");
const ask = (): { text: string; topK: number } => ({
  text: textOf().split(" ").slice(0, 6).join(" "),
  topK: 5,
});
report(
  "read",
  await interleaved(Number(values.reads), {
    source: () => source.query(ask()),
    routed: () => plain.query(ask()),
    "routed with shadow reads": () => shadowed.query(ask()),
  }),
);
console.log(`${comparisons} shadow reads were compared`);

await Promise.all([plain.runtime.close(), shadowed.runtime.close()]);
await Promise.all(indexes.map((index) => index.stop("SIGTERM")));
rmSync(directory, { recursive: true, force: true });
process.exit();

/** Changes the stage as soon as it is possible. */
async function advance(event: CutoverEvent, stage: string): Promise<void> {
  for (;;) {
    const { control } = await plain.runtime.presence.look();
    if (control.stage === stage && (stage !== "dual-write" || control.level === "level")) return;
    if (control.stage !== stage) {
      await changeStage(plain.runtime.parts.protocol, event, { who: "bench" }, { holdId: randomUUID() });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Times in milliseconds, of calls in turn. */
async function interleaved(
  rounds: number,
  calls: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(Object.keys(calls).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, call] of Object.entries(calls)) {
      const started = performance.now();
      await call();
      times.get(name)?.push(performance.now() - started);
    }
  }
  return times;
}

function report(what: string, times: ReadonlyMap<string, readonly number[]>): void {
  for (const [name, list] of times) {
    const [p50, p95] = [quantile(list, 0.5), quantile(list, 0.95)];
    console.log(`${what}, ${name}: p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`);
  }
}
