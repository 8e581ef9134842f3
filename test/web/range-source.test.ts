import { describe, expect, it, onTestFinished } from "vitest";
import { compileFilter, parseFilter } from "../../src/embedded/filter/index.ts";
import { type Emulator, startEmulator } from "../../src/embedded/index.ts";
import { parseJson } from "../../src/foundation/exact-json/index.ts";
import type { IndexApi } from "../../web/data/api/index-api.ts";
import { RangeSource, type RangeSourceOptions } from "../../web/data/records/range-source.ts";

interface Traffic {
  readonly api: IndexApi;
  /** The bodies of the requests so far. */
  readonly requests: Record<string, unknown>[];
}

/** The API of the page over a real emulator; the page's own needs the address of a document. */
function traffic(emulator: Emulator): Traffic {
  const requests: Record<string, unknown>[] = [];
  const measure = async (command: string, body: Record<string, unknown>) => {
    requests.push(body);
    const response = await fetch(`${emulator.url}/${command}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${emulator.token}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { result: (parseJson(text) as { result: unknown }).result, size: text.length };
  };
  return { api: { measure } as unknown as IndexApi, requests };
}

const vegan = (place: number) => place % 10 === 3;

async function filled(count: number): Promise<Emulator> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  for (let first = 0; first < count; first += 1_000) {
    const records = Array.from({ length: Math.min(1_000, count - first) }, (_, place) => ({
      id: `r${first + place}`,
      sparseVector: { indices: [1], values: [1] },
      metadata: { vegan: vegan(first + place) },
      data: `text ${first + place}`,
    }));
    await post(emulator, "upsert", records);
  }
  return emulator;
}

async function post(emulator: Emulator, command: string, body: unknown): Promise<void> {
  const headers = { Authorization: `Bearer ${emulator.token}` };
  await fetch(`${emulator.url}/${command}`, { method: "POST", headers, body: JSON.stringify(body) });
}

function open(api: IndexApi, options: Partial<RangeSourceOptions> = {}): RangeSource {
  const include = { metadata: true, text: true, vectors: false };
  const source = new RangeSource({ api, namespace: "", include, ...options });
  onTestFinished(() => source.close());
  return source;
}

/** Asks for rows and waits until nothing is read any more. */
async function show(source: RangeSource, first: number, last: number): Promise<(string | undefined)[]> {
  source.want(first, last);
  while (source.isLoading) await new Promise((resolve) => setTimeout(resolve, 2));
  if (source.error) throw source.error;
  return Array.from({ length: last - first + 1 }, (_, place) => source.row(first + place)?.id);
}

const ids = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, place) => `r${first + place}`);

describe("the records of a namespace as rows", () => {
  it("are read page by page as they are wanted", async () => {
    const { api, requests } = traffic(await filled(1_000));
    const source = open(api, { expectedCount: 1_000 });
    expect(source.count).toBe(1_000);
    expect(await show(source, 0, 40)).toEqual(ids(0, 40));
    expect(requests).toHaveLength(1);
    expect(await show(source, 60, 140)).toEqual(ids(60, 140));
    expect(requests).toHaveLength(2);
    expect(source.row(50)).toMatchObject({ id: "r50", text: "text 50", metadata: { vegan: false } });
  });

  it("are passed by ids alone on the way to a distant row, 1,000 a request", async () => {
    const { api, requests } = traffic(await filled(12_345));
    const source = open(api, { expectedCount: 12_345 });
    expect(await show(source, 12_300, 12_344)).toEqual(ids(12_300, 12_344));
    const passing = requests.filter(({ includeMetadata }) => includeMetadata === undefined);
    expect(passing).toHaveLength(13);
    expect(source.isCountExact).toBe(true);
    expect(source.count).toBe(12_345);
    // A row that was passed: from the place of its page, in two short requests.
    requests.length = 0;
    expect(await show(source, 5_730, 5_735)).toEqual(ids(5_730, 5_735));
    expect(requests.map(({ limit }) => limit)).toEqual([700, 100]);
  });

  it("come back after they were dropped from memory", async () => {
    const { api, requests } = traffic(await filled(6_000));
    const source = open(api, { expectedCount: 6_000 });
    for (let first = 0; first < 6_000; first += 100) await show(source, first, first + 99);
    expect(source.row(0)).toBeUndefined();
    requests.length = 0;
    expect(await show(source, 0, 99)).toEqual(ids(0, 99));
    expect(requests).toHaveLength(1);
  });

  it("follow a count that was too high or too low", async () => {
    const { api } = traffic(await filled(250));
    const high = open(api, { expectedCount: 900 });
    await show(high, 200, 299);
    expect([high.count, high.isCountExact]).toEqual([250, true]);
    const low = open(api, { expectedCount: 10 });
    await show(low, 0, 40);
    expect(low.count).toBe(100);
    await show(low, 90, 260);
    expect([low.count, low.isCountExact]).toEqual([250, true]);
  });

  it("need no count, as with the beginning of an id", async () => {
    const { api } = traffic(await filled(1_200));
    const source = open(api, { prefix: "r11" });
    expect(await show(source, 0, 110)).toEqual(["r11", ...ids(110, 119), ...ids(1_100, 1_199)]);
    expect([source.count, source.isCountExact]).toEqual([111, true]);
  });

  it("are left alone after another place is wanted", async () => {
    const { api, requests } = traffic(await filled(8_000));
    const source = open(api, { expectedCount: 8_000 });
    source.want(7_900, 7_999);
    await expect.poll(() => requests.length).toBeGreaterThan(0);
    await show(source, 0, 40);
    expect(requests.length).toBeLessThan(7);
  });

  it("survive records that are deleted meanwhile", async () => {
    const emulator = await filled(500);
    const { api } = traffic(emulator);
    const source = open(api, { expectedCount: 500 });
    await show(source, 400, 499);
    await post(emulator, "delete", { ids: ids(0, 449) });
    await show(source, 0, 99);
    expect(source.row(0)?.id).toBe("r450");
    expect(source.row(99)).toBeUndefined();
  });

  it("report a fault, and go on when asked", async () => {
    const emulator = await filled(300);
    const { api } = traffic(emulator);
    const failing = { fails: true };
    const measure = async (...given: Parameters<IndexApi["measure"]>) => {
      if (failing.fails) throw new Error("out of order");
      return await api.measure(...given);
    };
    const source = open({ measure } as unknown as IndexApi, { expectedCount: 300 });
    await expect(show(source, 0, 40)).rejects.toThrow("out of order");
    failing.fails = false;
    source.resume();
    expect(await show(source, 0, 40)).toEqual(ids(0, 40));
  });
});

describe("the records that a filter selects", () => {
  const filter = compileFilter(parseFilter("vegan = true"));
  const matching = Array.from({ length: 5_000 }, (_, place) => place).filter(vegan);

  it("are found as far as they are wanted", async () => {
    const { api } = traffic(await filled(5_000));
    const source = open(api, { expectedCount: 5_000, filter });
    expect(await show(source, 0, 40)).toEqual(matching.slice(0, 41).map((place) => `r${place}`));
    expect(source.isCountExact).toBe(false);
    expect(source.scanned).toBeLessThan(5_000);
    expect(await show(source, 250, 349)).toEqual(matching.slice(250, 350).map((place) => `r${place}`));
  });

  it("are counted when all records were read", async () => {
    const { api } = traffic(await filled(5_000));
    const source = open(api, { expectedCount: 5_000, filter });
    source.finish();
    await show(source, 0, 10);
    expect([source.count, source.isCountExact, source.scanned]).toEqual([500, true, 5_000]);
    expect(await show(source, 490, 499)).toEqual(matching.slice(490).map((place) => `r${place}`));
  });

  it("may be none", async () => {
    const { api } = traffic(await filled(2_000));
    const source = open(api, { expectedCount: 2_000, filter: compileFilter(parseFilter("vegan = 'x'")) });
    await show(source, 0, 10);
    expect([source.count, source.isCountExact]).toEqual([0, true]);
  });

  it("are no longer looked for after a stop", async () => {
    const { api, requests } = traffic(await filled(5_000));
    const source = open(api, { expectedCount: 5_000, filter });
    source.want(0, 10_000);
    source.stop();
    await show(source, 0, 10_000);
    expect(source.isCountExact).toBe(false);
    expect(requests.length).toBeLessThan(3);
  });
});
