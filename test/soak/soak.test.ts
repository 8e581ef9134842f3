import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { uniform } from "../../bench/index/vectors.ts";
import { growth, type MemoryParts, type MemorySample, measures } from "../../bench/soak/memory.ts";
import { Model } from "../../bench/soak/model.ts";
import { describe as describeRun, failuresOf } from "../../bench/soak/report.ts";
import { type Composition, soak } from "../../bench/soak/run.ts";
import { Tally } from "../../bench/soak/tally.ts";
import { fill, runWorkload } from "../../bench/soak/workload.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { memoryStore } from "../store/policies/stores.ts";

/** `SOAK_SECONDS=600 npx vitest run test/soak` for the long run; `npm run soak` prints more of it. */
const seconds = Number(process.env.SOAK_SECONDS ?? 10);

describe.concurrent("under mixed load, with a fifth of the requests spoiled", () => {
  it.each<Composition>(["direct", "fallback and queue"])(
    "%s: no write is lost, no answer wrong, errors stay rare (REL-1, REL-2, REL-4, VEC-8, CUT-3)",
    async (composition) => {
      // Tests side by side cannot share what cleans up after one of them.
      const directory = mkdtempSync(join(tmpdir(), "ragfood-test-"));
      try {
        const seed = Date.now();
        const report = await soak({ composition, seconds, workers: 8, faultRate: 0.2, seed, directory });
        console.log(`seed ${seed}\n${describeRun(report).join("\n")}`);
        expect(failuresOf(report)).toEqual([]);
        expect(report.injected.size).toBeGreaterThan(0);
        expect(report.retries.total).toBeGreaterThan(0);
        expect(report.compared).toBeGreaterThan(90);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
    (seconds + 300) * 1_000,
  );
});

/** A store that does one thing wrong, now and then. */
function lying(store: VectorStore, lie: Partial<VectorStore>): VectorStore {
  return new Proxy(store, {
    get: (target, name: keyof VectorStore) => {
      const member = lie[name] ?? target[name];
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** The problems that the soak reports, after the timeout or as soon as it reports the expected one. */
async function problemsOf(
  lieOf: (store: VectorStore) => Partial<VectorStore>,
  timeoutMs: number,
  wanted = /never/,
): Promise<string[]> {
  const store = memoryStore();
  const [model, tally, stop] = [new Model(), new Tally(), new AbortController()];
  const size = { workers: 4, recordsPerWorker: 24 };
  await fill(store, [model], size);
  const reported = () => [...tally.problems, ...tally.errorSamples];
  const end = performance.now() + timeoutMs;
  const watch = setInterval(() => {
    if (performance.now() > end || reported().some((problem) => wanted.test(problem))) stop.abort();
  }, 20);
  const random = uniform(7);
  const subject = lying(store, lieOf(store));
  await runWorkload({ store: subject, model, tally, ...size, restMs: 0, random, signal: stop.signal });
  clearInterval(watch);
  await store.close();
  return reported();
}

/** True every so many calls. */
function every(count: number): () => boolean {
  let calls = 0;
  return () => ++calls % count === 0;
}

describe("the soak reports", () => {
  it("nothing of a store that does what it says", async () => {
    expect(await problemsOf(() => ({}), 700)).toEqual([]);
  });

  it.each<[string, RegExp, (store: VectorStore) => Partial<VectorStore>]>([
    [
      "a write that is acknowledged and lost",
      /it may be/,
      (store) => {
        const isLost = every(10);
        return { upsert: async (...call) => (isLost() ? undefined : store.upsert(...call)) };
      },
    ],
    [
      "a delete that is acknowledged and not done",
      /it may be .*undefined/,
      (store) => {
        const isLost = every(3);
        return { delete: async (...call) => (isLost() ? 0 : store.delete(...call)) };
      },
    ],
    [
      "an answer of a moment ago",
      /it may be/,
      (store) => {
        const cache = new Map<string, ReturnType<VectorStore["fetch"]>>();
        const fetchOne = async (id: string, namespace = "") => {
          const key = JSON.stringify([id, namespace]);
          const known = cache.get(key) ?? store.fetch([id], { namespace });
          cache.set(key, known);
          return (await known)[0];
        };
        const fetch: VectorStore["fetch"] = (ids, options) =>
          Promise.all(ids.map((id) => fetchOne(id, options?.namespace)));
        return { fetch };
      },
    ],
    [
      "a filter that lets others through",
      /passed a filter/,
      (store) => ({ query: ({ filter: _, ...query }, options) => store.query(query, options) }),
    ],
    [
      "a query that finds too few",
      /a query found \d of at least|it may be/,
      (store) => ({ query: async (...call) => (await store.query(...call)).slice(0, 1) }),
    ],
    [
      "a range that leaves records out",
      /a range left .* out/,
      (store) => ({
        async *range(options) {
          for await (const page of store.range(options)) yield page.slice(1);
        },
      }),
    ],
    [
      "an update that says nothing was there",
      /an update of .* said false/,
      (store) => ({ update: async (...call) => (await store.update(...call)) && false }),
    ],
  ])("the soak reports %s", async (_, problem, lieOf) => {
    const problems = await problemsOf(lieOf, Number.POSITIVE_INFINITY, problem);
    expect(
      problems.some((reported) => problem.test(reported)),
      problems[0],
    ).toBe(true);
  });

  it("a read that goes back behind what a read before it has seen", () => {
    const model = new Model();
    const [first, second] = ["one", "two"].map((text) => ({ text, metadata: {} }));
    model.write("", "a", first).acknowledge();
    const pending = model.write("", "a", second);
    const read = (content: typeof first) => {
      const started = model.startRead();
      model.answered(started);
      const problem = model.problem(started, "", "a", content && { id: "a", ...content });
      model.endRead(started);
      return problem;
    };
    expect(read(first)).toBeUndefined();
    expect(read(second)).toBeUndefined();
    expect(read(first)).toContain("it may be");
    pending.acknowledge();
    expect(read(second)).toBeUndefined();
    expect(read(undefined)).toContain("it may be");
  });
});

describe("growth of memory", () => {
  const memory = measures.memory as (typeof measures)[string];
  const parts = (resident: number): MemoryParts => {
    return { resident, young: 0, old: resident, native: 0, used: resident, buffers: 0 };
  };
  /** @param bytesAt by the part of the run that is over, -0.5 to 1: a warm-up comes first */
  const run = (bytesAt: (over: number) => number): MemorySample[] =>
    Array.from({ length: 151 }, (_, place) => {
      const seconds = place - 50;
      const both = parts(bytesAt(seconds / 100));
      return { seconds, client: both, server: seconds === 50 ? undefined : both };
    });

  it("is not reported if memory rises and falls, or only grows in the warm-up", () => {
    const tooth = (over: number) => 40 + 10 * (((over + 1) * 5.3) % 1) - (over < 0 ? 30 : 0);
    expect(Math.abs(growth(run(tooth), "server", memory))).toBeLessThan(0.03);
  });

  it("is that of a leak below it", () => {
    const leak = (over: number) => 40 + 10 * (((over + 1) * 5.3) % 1) + 12 * over;
    expect(growth(run(leak), "server", memory)).toBeGreaterThan(0.1);
  });

  it("is not hidden by the young generation", () => {
    const samples = run((over) => 20 + 4 * over).map((sample) => {
      const all = { ...sample.client, resident: sample.client.resident + 30, young: 30 };
      return { ...sample, client: all };
    });
    const grown = Object.values(measures).map((bytesOf) => growth(samples, "client", bytesOf) > 0.1);
    expect(grown).toEqual([false, true]);
  });
});
