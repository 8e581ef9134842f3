import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { defaultSettings, VectorIndex } from "../../dist/embedded/index.js";
import { bm25 } from "../../dist/embedding/bm25.js";
import { type Application, createApplication, readSettings, type VectorStore } from "../../dist/index.js";
import { uniform } from "../index/vectors.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { type MemorySample, sampleMemory } from "./memory.ts";
import { Model } from "./model.ts";
import { ServedIndex } from "./served-index.ts";
import { Counter, Tally } from "./tally.ts";
import { fill, namespaces, runWorkload } from "./workload.ts";

/** The configured store: HTTP only, or with a secondary store and a write queue. */
export type Composition = "direct" | "fallback and queue";

export interface SoakOptions {
  readonly composition: Composition;
  /** Duration of load; a run that measures memory first warms up for half as long. */
  readonly seconds: number;
  readonly workers: number;
  /** From 0 to 1: requests that the proxy spoils. */
  readonly faultRate: number;
  readonly seed: number;
  /** An empty directory, which the files of the run are left in. */
  readonly directory: string;
}

export interface SoakReport {
  readonly options: SoakOptions;
  readonly tally: Tally;
  /** Records compared one by one after the run. */
  readonly compared: number;
  /** Acknowledged writes that are not there, or are not what was written. */
  readonly lost: readonly string[];
  /** Result of verifying the whole file against its checksums. */
  readonly damage: readonly string[];
  readonly requests: number;
  readonly injected: FaultProxy["injected"];
  /** Of the emulator's own. */
  readonly emulatorFaults: Counter;
  readonly retries: Counter;
  readonly breakerOpenings: number;
  /** Seconds that the index was down. */
  readonly outageSeconds: number;
  /** Seconds from its return until the last queued write had arrived. */
  readonly drainSeconds: number;
  readonly parked: number;
  readonly memory: readonly MemorySample[];
  /** Of the same load, before the seconds that were asked for. */
  readonly warmUpSeconds: number;
  /** Of the served index's file, at the end. */
  readonly indexBytes: number;
}

/** A shorter run does not measure memory, because code is still being compiled and caches are filling. */
export const longRunSeconds = 300;

/** Milliseconds; the proxy's late answers take longer. */
const attemptTimeoutMs = 2_000;
export const fallbackAfterMs = 2_000;
/** Few with a queue, so that a record is written again while an older write of it waits. */
const recordsPerWorker: Readonly<Record<Composition, number>> = { direct: 48, "fallback and queue": 12 };
const token = "token-of-the-soak";

/** A queue is emptied one call after the other: callers that never rest would fill it faster. */
const restMs: Readonly<Record<Composition, number>> = { direct: 10, "fallback and queue": 250 };

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { composition, seconds, seed, directory } = options;
  const hasFallback = composition === "fallback and queue";
  const data = join(directory, "served");
  const own = join(directory, "own");
  for (const path of [data, own]) mkdirSync(path, { recursive: true });
  let server: ServedIndex | undefined = await ServedIndex.start(data, token);
  const proxy = await startFaultProxy(server.url, uniform(seed));
  const [retries, emulatorFaults, tally] = [new Counter(), new Counter(), new Tally()];
  let breakerOpenings = 0;
  const application = createApplication(
    settingsFor(proxy.url, own, hasFallback ? { FALLBACK: "embedded", OUTAGE_WRITES: "queue" } : {}),
    {
      onTransportEvent: (event) => {
        if (event.type === "retry-scheduled") retries.add(event.error);
        if (event.type === "breaker-open") breakerOpenings++;
      },
    },
  );
  const [model, standIn] = [new Model(), new Model()];
  const size = { workers: options.workers, recordsPerWorker: recordsPerWorker[composition] };
  await fill(application.primary, [model, standIn], size);
  if (application.secondary) await fill(application.secondary, [], size);

  const memory: MemorySample[] = [];
  const stop = new AbortController();
  const startedAt = performance.now();
  const warmUpSeconds = seconds < longRunSeconds ? 0 : seconds / 2;
  const elapsed = () => (performance.now() - startedAt) / 1_000 - warmUpSeconds;
  proxy.setRate(options.faultRate);
  const load = runWorkload({
    store: application.store,
    model,
    ...(hasFallback && { standIn }),
    tally,
    ...size,
    restMs: restMs[composition],
    random: uniform(seed + 1),
    signal: stop.signal,
  });
  let [outageSeconds, backAt] = [0, 0];
  const disturb = async () => {
    const random = uniform(seed + 2);
    while (!stop.signal.aborted) {
      if (hasFallback && outageSeconds === 0 && elapsed() > seconds / 2) {
        const wentAt = elapsed();
        await proxy.suspend();
        await server?.stop("SIGKILL");
        server = undefined;
        tally.isOutage = true;
        await pause(Math.max(3_000, seconds * 50));
        tally.isOutage = false;
        server = await ServedIndex.start(data, token);
        proxy.setTarget(server.url);
        await proxy.resume();
        backAt = elapsed();
        outageSeconds = backAt - wentAt;
      }
      const isLimited = random() < 0.2;
      const latencyMs = Math.floor(random() * 20);
      emulatorFaults.add(isLimited ? "rate limit" : "latency");
      await server?.setFaults({ latencyMs, requestsPerSecond: isLimited ? 100 : 0 });
      memory.push(await sampleMemory(elapsed(), server));
      await pause(Math.max(500, seconds * 10), undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const disturbance = disturb();
  await Promise.race([
    pause((warmUpSeconds + seconds) * 1_000, undefined, { ref: false }),
    load,
    disturbance,
  ]);
  stop.abort();
  await Promise.all([load, disturbance]);
  memory.push(await sampleMemory(elapsed(), server));

  await server.setFaults({ latencyMs: 0, requestsPerSecond: 0 });
  // Each further unknown outcome would hold the queue for a whole lease. A long run has emptied it under faults before.
  if (seconds < longRunSeconds) proxy.setRate(0);
  const parked = hasFallback ? await untilSent(application) : 0;
  const drainSeconds = hasFallback ? elapsed() - backAt : 0;
  await application.close();
  await proxy.close();
  const check = createApplication(settingsFor(server.url, own, {}));
  const { compared, lost } = await compare(check.store, model);
  await check.close();
  await server.stop("SIGTERM");
  return {
    options,
    tally,
    compared,
    lost,
    damage: damageIn(data),
    requests: proxy.requests,
    injected: proxy.injected,
    emulatorFaults,
    retries,
    breakerOpenings,
    outageSeconds,
    drainSeconds,
    parked,
    memory,
    warmUpSeconds,
    indexBytes: statSync(join(data, "index.sqlite")).size,
  };
}

function settingsFor(url: string, directory: string, more: Record<string, string>) {
  return readSettings({
    UPSTASH_VECTOR_REST_URL: url,
    UPSTASH_VECTOR_REST_TOKEN: token,
    RAGFOOD_DIR: directory,
    REQUEST_TIMEOUT_MS: `${attemptTimeoutMs}`,
    FALLBACK_AFTER_MS: `${fallbackAfterMs}`,
    ...more,
  });
}

/** Waits until no write waits any more. @returns how many the index has refused */
async function untilSent({ outbox }: Application): Promise<number> {
  if (outbox === undefined) return 0;
  const { transaction } = outbox.protocol;
  while (await transaction(async (rows) => rows.hasQueued(), { readOnly: true })) await pause(200);
  return transaction(async (rows) => rows.countParked(), { readOnly: true });
}

/** Compares every record that is there, and every one that should be, with the model. */
async function compare(store: VectorStore, model: Model): Promise<{ compared: number; lost: string[] }> {
  const lost: string[] = [];
  let compared = 0;
  for (const namespace of namespaces) {
    const read = model.startRead();
    const found = new Map<string, Parameters<Model["problem"]>[3]>();
    for await (const page of store.range({ namespace, pageSize: 1_000 })) {
      for (const record of page) found.set(record.id, record);
    }
    model.answered(read);
    const ids = new Set(found.keys());
    for (const record of model.records()) if (record.namespace === namespace) ids.add(record.id);
    for (const id of ids) {
      compared++;
      const problem = model.problem(read, namespace, id, found.get(id));
      if (problem !== undefined) lost.push(problem);
    }
    model.endRead(read);
  }
  return { compared, lost };
}

function damageIn(directory: string): string[] {
  const index = VectorIndex.open({
    path: join(directory, "index.sqlite"),
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  try {
    return index.verify().faults.map(({ problem }) => problem);
  } finally {
    index.close();
  }
}
