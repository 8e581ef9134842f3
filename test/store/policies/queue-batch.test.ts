import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { CancelledError, ConnectionError, RagfoodError } from "../../../src/foundation/errors.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { equals } from "../../../src/store/filter.ts";
import { type BatchLimits, nextBatch } from "../../../src/store/policies/queue/batch.ts";
import { drain } from "../../../src/store/policies/queue/drain.ts";
import { carryOut, encodeWrite, type Write } from "../../../src/store/policies/queue/write.ts";
import { WriteQueue } from "../../../src/store/policies/queue/write-queue.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { memoryStore } from "./stores.ts";

const target = "https://index.example";
const never = new AbortController().signal;

const food = (id: string, n = 0) => ({ id, text: `food ${n}`, metadata: { n } });
const upsert = (...ids: string[]): Write => ({ operation: "upsert", documents: ids.map((id) => food(id)) });
const upsertRecords = (id: string): Write => ({ operation: "upsertRecords", records: [food(id)] });
const remove = (...ids: string[]): Write => ({ operation: "delete", target: { ids } });
const update = (id: string): Write => ({ operation: "update", change: { id, text: "changed" } });
const removeByFilter: Write = { operation: "delete", target: { filter: equals("n", 1) } };
const reset: Write = { operation: "reset" };

/** Which of the writes go out first, and as what. */
function batchOf(writes: readonly Write[], limits?: Partial<BatchLimits>, attempts = 0) {
  const entries = writes.map((write, place) => {
    const payload = encodeWrite(write);
    const bytes = Buffer.byteLength(payload);
    return { sequence: place + 1, namespace: "soup", payload, bytes, attempts: place === 0 ? attempts : 0 };
  });
  return nextBatch(entries, limits);
}

const countOf = (...of: Parameters<typeof batchOf>) => batchOf(...of)?.sequences.length;

describe("a batch of queued writes", () => {
  it.each<[string, Write[], Write]>([
    ["upserts", [upsert("a"), upsert("b", "c")], upsert("a", "b", "c")],
    [
      "upserts of records",
      [upsertRecords("a"), upsertRecords("b")],
      { operation: "upsertRecords", records: [food("a"), food("b")] },
    ],
    ["deletes by ids", [remove("a"), remove("b", "c")], remove("a", "b", "c")],
  ])("is made of %s, in their order", (_, writes, write) => {
    expect(batchOf(writes)).toEqual({ namespace: "soup", sequences: [1, 2], write });
  });

  it.each<[string, Write, Write]>([
    ["a delete", upsert("a"), remove("b")],
    ["an update", upsert("a"), update("b")],
    ["an upsert of another kind", upsert("a"), upsertRecords("b")],
    ["a delete by filter", remove("a"), removeByFilter],
    ["a reset", upsert("a"), reset],
    ["an id that comes twice in upserts", upsert("a", "b"), upsert("b")],
    ["an id that comes twice in deletes", remove("a"), remove("b", "a")],
  ])("ends before %s", (_, first, second) => {
    expect(batchOf([first, second, first])?.sequences).toEqual([1]);
    expect(batchOf([second, first, second])?.sequences).toEqual([1]);
  });

  it.each([update("a"), removeByFilter, reset])("takes no second %o", (write) => {
    expect(countOf([write, write])).toBe(1);
  });

  it("is bounded by records and bytes, and holds one write at least", () => {
    const writes = Array.from({ length: 1_200 }, (_, place) => upsert(`${place}`));
    expect(countOf(writes)).toBe(1_000);
    expect(countOf(writes, { records: 3 })).toBe(3);
    expect(countOf([upsert("a", "b"), upsert("c", "d")], { records: 3 })).toBe(1);
    const bytes = Buffer.byteLength(encodeWrite(upsert("a")));
    expect(countOf([upsert("a"), upsert("b"), upsert("c")], { bytes: 2 * bytes })).toBe(2);
    expect(countOf([upsert("a"), upsert("b")], { bytes: 1 })).toBe(1);
    expect(batchOf([])).toBeUndefined();
  });

  it("is half as large after each attempt in vain", () => {
    const writes = Array.from({ length: 1_200 }, (_, place) => upsert(`${place}`));
    expect([1, 2, 9, 10, 1_000].map((attempts) => countOf(writes, {}, attempts))).toEqual([
      500, 250, 1, 1, 1,
    ]);
  });

  it("is a single write up to the end of a refused batch", () => {
    const writes = [upsert("a"), upsert("b"), upsert("c")];
    expect(countOf(writes, { aloneUntil: 1 })).toBe(1);
    expect(countOf(writes, { aloneUntil: 0 })).toBe(3);
  });
});

/** The writing calls of a store, each of which `meet` may spoil. */
function spoiled(store: VectorStore, meet: (call: () => Promise<unknown>) => Promise<unknown>): VectorStore {
  return new Proxy(store, {
    get: (_, name: keyof VectorStore) => {
      const member = store[name];
      if (typeof member !== "function") return member;
      return (...values: unknown[]) => meet(() => Reflect.apply(member, store, values));
    },
  });
}

function openQueue(): WriteQueue {
  const queue = new WriteQueue({ path: join(temporaryDirectory(), "queue.sqlite") });
  onTestFinished(() => queue.close());
  return queue;
}

describe("drain", () => {
  it("sends in one call what one call can carry out, and counts each write", async () => {
    const queue = openQueue();
    const inner = memoryStore();
    onTestFinished(() => inner.close());
    let calls = 0;
    const store = spoiled(inner, (call) => {
      calls++;
      return call();
    });
    const writes = [upsert("a"), upsert("b", "c"), remove("a"), remove("b"), update("c"), upsert("d")];
    for (const write of writes) {
      queue.add(target, "soup", write, "down");
      queue.add(target, "stew", write, "down");
    }
    const reported: number[] = [];
    const onProgress = (done: number) => reported.push(done);
    const result = await drain({ queue, store, target, signal: never, onProgress });
    expect(result).toEqual({ carriedOut: 12, parked: 0, stoppedBy: undefined });
    expect(calls).toBe(8);
    expect(reported.at(-1)).toBe(12);
    expect(queue.status(target)).toMatchObject({ waiting: 0, bytes: 0 });
  });

  it("parks the one write of a batch that the store refuses, and goes on with batches", async () => {
    const queue = openQueue();
    const inner = memoryStore();
    onTestFinished(() => inner.close());
    const sizes: number[] = [];
    const store = new Proxy(inner, {
      get: (_, name: keyof VectorStore) =>
        name === "upsert"
          ? (...call: Parameters<VectorStore["upsert"]>) => {
              sizes.push(call[0].length);
              return inner.upsert(...call);
            }
          : inner[name],
    });
    const all = ["a", "b", "bad\0", "c", "d", "e"];
    for (const id of all.slice(0, 4)) queue.add(target, "", upsert(id), "down");
    const later = all.slice(4);
    const onProgress = () => {
      for (const id of later.splice(0)) queue.add(target, "", upsert(id), "down");
    };
    const result = await drain({ queue, store, target, signal: never, onProgress });
    expect(result).toEqual({ carriedOut: 5, parked: 1, stoppedBy: undefined });
    expect(sizes).toEqual([4, 1, 1, 1, 1, 2]);
    expect(queue.status(target).parked).toMatchObject([{ sequence: 3, attempts: 1 }]);
  });
});

const namespaces = ["", "soup"] as const;
/** The store refuses the last. */
const ids = ["a", "b", "c", "d", "e", "f", "bad\0"];

const someIds = fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 3 });
const number = fc.integer({ min: 0, max: 3 });
const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(someIds, number).map(([chosen, n]): Write => {
      return { operation: "upsert", documents: chosen.map((id) => food(id, n)) };
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom(...ids).map(upsertRecords) },
  { weight: 3, arbitrary: someIds.map((chosen) => remove(...chosen)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...ids), number).map(([id, n]): Write => {
      return { operation: "update", change: { id, metadata: { [`f${n}`]: n }, mergeMetadata: true } };
    }),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.constant(reset),
      number.map((n): Write => ({ operation: "delete", target: { filter: equals("n", n) } })),
    ),
  },
);

/** What a call of the store meets. */
const outcomes = [
  "passes",
  "is lost",
  "is done and its answer lost",
  "is cut short, undone",
  "is cut short, done",
];

const plan = fc.record({
  /** Each with the namespace that it is for, in as many portions as there are lists. */
  portions: fc.array(
    fc.array(fc.tuple(fc.constantFrom(...namespaces), anyWrite), { minLength: 1, maxLength: 12 }),
    { minLength: 1, maxLength: 4 },
  ),
  outcomes: fc.array(fc.constantFrom("passes", "passes", ...outcomes), { maxLength: 30 }),
});

async function recordsIn(store: VectorStore): Promise<Record<string, StoreRecord[]>> {
  const found: Record<string, StoreRecord[]> = {};
  for (const namespace of await store.listNamespaces()) {
    found[namespace] = [];
    for await (const page of store.range({ namespace })) found[namespace].push(...page);
  }
  return found;
}

describe("queued writes", () => {
  it("have the same result as one after the other, for any concurrent calls and additional writes", async () => {
    const directory = temporaryDirectory();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ portions, outcomes: met }) => {
        const queue = new WriteQueue({ path: join(directory, `${runs++}.sqlite`) });
        const [sent, expected] = [memoryStore(), memoryStore()];
        try {
          const toAdd = [...portions];
          const addPortion = () => {
            for (const [namespace, write] of toAdd.shift() ?? []) queue.add(target, namespace, write, "down");
          };
          const toMeet = [...met];
          const store = spoiled(sent, async (call) => {
            addPortion();
            const outcome = toMeet.shift() ?? "passes";
            const isDone = outcome !== "is lost" && outcome !== "is cut short, undone";
            const result = isDone ? await call() : undefined;
            if (outcome.startsWith("is cut short")) throw new CancelledError();
            if (outcome !== "passes") throw new ConnectionError("upstash", "The connection was lost");
            return result;
          });
          addPortion();
          for (let attempt = 0; queue.hasWaiting(target); attempt++) {
            expect(attempt).toBeLessThanOrEqual(met.length);
            await drain({ queue, store, target, signal: never });
          }

          const refused: string[] = [];
          for (const [namespace, write] of portions.flat()) {
            await carryOut(write, expected, namespace, never).catch((error) => {
              if (!(error instanceof RagfoodError)) throw error;
              refused.push(write.operation);
            });
          }
          expect(await recordsIn(sent)).toEqual(await recordsIn(expected));
          const parked = queue.status(target).parked.map(({ operation }) => operation);
          expect(toAdd).toEqual([]);
          expect(parked).toEqual(refused);
        } finally {
          queue.close();
          await Promise.all([sent.close(), expected.close()]);
        }
      }),
      { numRuns: 50 },
    );
  });
});
