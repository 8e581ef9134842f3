import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { warmUp } from "../../src/composition/warm-up.ts";
import { readSettings } from "../../src/config/settings.ts";
import { toDocument } from "../../src/foods/food.ts";
import { CatalogBuilder } from "../../src/rag/catalog/builder.ts";
import type { Catalog } from "../../src/rag/catalog/catalog.ts";
import { Catalogs } from "../../src/rag/catalog/catalogs.ts";
import { ChangedRecords } from "../../src/rag/catalog/changed-records.ts";
import { ForwardingStore } from "../../src/store/policies/forwarding-store.ts";
import { NotedStore } from "../../src/store/policies/index.ts";
import type { RangeOptions, VectorStore } from "../../src/store/store.ts";
import { foodEngine } from "../helpers/food-engine.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** Counts how often every record is read. */
class CountingStore extends ForwardingStore {
  rangeCount = 0;

  override range(options?: RangeOptions) {
    this.rangeCount++;
    return super.range(options);
  }
}

async function catalogsOf() {
  const { store: index } = await foodEngine();
  const changes = new ChangedRecords();
  let foreignVersion = 1;
  changes.follow(() => foreignVersion);
  const counting = new CountingStore(new NotedStore(index, (namespace, ids) => changes.note(namespace, ids)));
  const catalogs = new Catalogs({ store: counting, changes });
  return {
    index,
    store: counting,
    catalogs,
    /** As if another process had written. */
    writeElsewhere: () => foreignVersion++,
  };
}

/** The catalog of all records, whatever was read before. */
async function madeAgain(store: VectorStore): Promise<Catalog> {
  const builder = new CatalogBuilder();
  for await (const page of store.range({ pageSize: 1_000 })) for (const record of page) builder.add(record);
  return builder.build();
}

/** Without the order of equals, which depends on the order of writes. */
function comparable({ fields, facets, names, frequencies, spellings, numbers, ...rest }: Catalog) {
  const byName = (values: readonly (readonly [unknown, number])[]) => new Map(values);
  const plain = (each: { values: readonly (readonly [unknown, number])[] }) => ({
    ...each,
    values: byName(each.values),
  });
  const sorted = (pairs: readonly (readonly [string, unknown])[]) => pairs.map(String).sort();
  return {
    ...rest,
    fields: new Map(fields.map((each) => [each.field, plain(each)])),
    facets: new Map(facets.map((each) => [each.field, plain(each)])),
    names: sorted(names),
    numbers: new Map(numbers.map(([field, values]) => [field, sorted(values)])),
    frequencies: new Map(frequencies),
    spellings: new Map(spellings),
  };
}

const zorblax = toDocument({
  id: "zorblax",
  name: "Zorblax",
  text: "Zorblax is a pie of made-up nuts, and of 3 kinds.",
  region: "Peru",
  energy: 900,
  diet: ["vegan", "raw"],
});

describe("the catalog of a namespace", () => {
  it("follows writes of this process without reading every record again", async () => {
    const { store, catalogs } = await catalogsOf();
    await catalogs.get("");
    const writes = [
      () => store.upsert([zorblax]),
      () => store.upsert([{ ...zorblax, text: "Zorblax is a soup now.", metadata: { name: "Zorblax" } }]),
      () => store.update({ id: "idli", metadata: { region: "Sri Lanka", energy: 1 } }),
      () => store.delete({ ids: ["zorblax", "pho", "missing"] }),
      () => store.upsert(sampleFoods.slice(0, 3).map((food) => toDocument({ ...food, energy: 5 }))),
    ];
    for (const write of writes) {
      await write();
      expect(comparable(await catalogs.get(""))).toEqual(comparable(await madeAgain(store)));
    }
    // Once for the first catalog, and once for each comparison.
    expect(store.rangeCount).toBe(1 + writes.length);
  });

  it("is made again after a write of another process, and after one of unknown extent", async () => {
    const { index, store, catalogs, writeElsewhere } = await catalogsOf();
    await catalogs.get("");
    await index.upsert([zorblax]);
    writeElsewhere();
    expect((await catalogs.get("")).names.map(([name]) => name)).toContain("Zorblax");
    await store.delete({ prefix: "zor" });
    expect((await catalogs.get("")).names.map(([name]) => name)).not.toContain("Zorblax");
    await store.reset();
    expect((await catalogs.get("")).recordCount).toBe(0);
  });

  it("is read once for all questions that wait for it, also if one of them gives up", async () => {
    const { store, catalogs } = await catalogsOf();
    const gone = new AbortController();
    const waiting = [
      catalogs.get("", { signal: gone.signal }),
      ...Array.from({ length: 10 }, () => catalogs.get("")),
    ];
    gone.abort();
    const results = await Promise.allSettled(waiting);
    expect(results.map(({ status }) => status)).toEqual(["rejected", ...Array(10).fill("fulfilled")]);
    expect(store.rangeCount).toBe(1);
  });

  it("knows a food that another process has just written", async () => {
    const settings = readSettings({ RAGFOOD_DIR: join(temporaryDirectory(), "r"), GENERATOR: "extractive" });
    const [one, other] = [createApplication(settings), createApplication(settings)];
    try {
      await one.store.upsert(sampleFoods.map((food) => toDocument(food)));
      await warmUp(other, new AbortController().signal);
      await one.store.upsert([zorblax]);
      for (const { engine } of [one, other]) {
        const { plan } = await engine.find("How many calories does Zorblax have?");
        expect(plan.foods).toEqual([{ name: "Zorblax", ids: ["zorblax"] }]);
      }
      await other.store.delete({ ids: ["zorblax"] });
      for (const { engine } of [one, other])
        expect((await engine.find("What is Zorblax?")).plan.foods).toEqual([]);
    } finally {
      await one.close();
      await other.close();
    }
  });

  it("reports its progress through many records, and none for few", async () => {
    const { store } = await catalogsOf();
    const reports: string[] = [];
    const onProgress = (done: number, total: number) => reports.push(`${done} of ${total}`);
    await new Catalogs({ store, onProgress }).get("");
    expect(reports).toEqual([]);
    await store.upsert(
      Array.from({ length: 2_000 }, (_, place) => ({ id: `r${place}`, text: "A record.", metadata: {} })),
      {
        namespace: "many",
      },
    );
    await new Catalogs({ store, onProgress }).get("many");
    expect(reports.at(-1)).toBe("2000 of 2000");
  });
});
