import { describe, expect, it } from "vitest";
import { sampleFoods } from "../helpers/foods.ts";
import { type TestService, testService } from "../helpers/service.ts";

interface Page {
  readonly foods: readonly { readonly id: string; readonly metadata: Record<string, unknown> }[];
  readonly nextCursor?: string;
}

async function pages(app: TestService["app"], query: string): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor = ""; ; ) {
    const response = await app.request(`/api/foods?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect(response.status).toBe(200);
    const page = (await response.json()) as Page;
    found.push(page.foods.map(({ id }) => id));
    if (page.nextCursor === undefined) return found;
    cursor = page.nextCursor;
  }
}

function put(app: TestService["app"], id: string, body: string): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  return Promise.resolve(app.request(`/api/foods/${id}`, { method: "PUT", body, headers }));
}

describe("/api/foods", () => {
  it("lists every food once, page by page", async () => {
    const { app } = await testService();
    const found = await pages(app, "limit=2");
    expect(found.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(found.flat().sort()).toEqual(sampleFoods.map(({ id }) => id).sort());
  });

  it("refuses the shape in which a food is answered: its fields would be lost within a field metadata", async () => {
    const { app } = await testService();
    const body = JSON.stringify({ text: "Kale.", metadata: { region: "Italy", allergens: ["milk"] } });
    const response = await put(app, "kale", body);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain("body.metadata");
    expect((await app.request("/api/foods/kale")).status).toBe(404);
  });

  it("lists each of 700 foods once, whatever the sizes of pages, with a filter and without one", async () => {
    const foods = Array.from({ length: 700 }, (_, place) => ({
      id: `f${place}`,
      text: "Kale.",
      isEven: place % 2 === 0,
    }));
    const { app } = await testService({ foods });
    for (const limit of [33, 50, 51, 120, 200]) {
      const all = (await pages(app, `limit=${limit}`)).flat();
      expect([all.length, new Set(all).size], `limit ${limit}`).toEqual([700, 700]);
      const even = (await pages(app, `limit=${limit}&filter=${encodeURIComponent("isEven = true")}`)).flat();
      expect([even.length, new Set(even).size], `limit ${limit}, with a filter`).toEqual([350, 350]);
    }
  });

  it("lists those that meet a filter, and continues inside a page of the store", async () => {
    const { app } = await testService();
    const filter = encodeURIComponent("region = 'India' OR type = 'Soup'");
    const found = await pages(app, `limit=1&filter=${filter}`);
    expect(found.flat().sort()).toEqual(["gazpacho", "idli", "pho", "vindaloo"]);
    expect(found.every((page) => page.length <= 1)).toBe(true);
  });

  it("looks at a bounded number of records for a filter that none meets", async () => {
    const foods = Array.from({ length: 5_500 }, (_, place) => ({
      id: `f${place}`,
      text: "Kale.",
      rank: place,
    }));
    const { app } = await testService({ foods });
    const filter = encodeURIComponent("rank = 5400");
    const first = (await (await app.request(`/api/foods?filter=${filter}`)).json()) as Page;
    expect(first).toMatchObject({ foods: [], nextCursor: expect.any(String) });
    expect((await pages(app, `filter=${filter}`)).flat()).toEqual(["f5400"]);
  });

  it.each([
    ["limit=0", 422],
    ["limit=ten", 422],
    ["cursor=nonsense", 400],
    ["filter=region%20%3D", 422],
  ])("refuses %s with %i", async (query, status) => {
    const { app } = await testService();
    expect((await app.request(`/api/foods?${query}`)).status).toBe(status);
  });

  it("gets one food as its data file has it, or says that it does not exist", async () => {
    const { app } = await testService();
    const { id, text, ...metadata } = sampleFoods[2] as (typeof sampleFoods)[number];
    expect(await (await app.request(`/api/foods/${id}`)).json()).toEqual({ id, text, metadata });
    const missing = await app.request("/api/foods/nothing");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({
      code: "not-found",
      detail: expect.stringContaining("nothing"),
    });
  });

  it("counts fields and values", async () => {
    const { app } = await testService();
    const { recordCount, facets } = (await (await app.request("/api/foods/facets?limit=1")).json()) as {
      recordCount: number;
      facets: { field: string; values: unknown[]; isComplete: boolean }[];
    };
    expect(recordCount).toBe(sampleFoods.length);
    expect(facets.find(({ field }) => field === "region")).toMatchObject({
      values: [{ value: "India", count: 2 }],
      isComplete: false,
    });
  });

  it("stores, replaces and deletes a food, and answers from it", async () => {
    const { app, post } = await testService();
    const first = await put(app, "satay", JSON.stringify({ text: "Satay is grilled.", region: "Java" }));
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({ id: "satay", metadata: { region: "Java", type: "general" } });
    await put(app, "satay", JSON.stringify({ text: "Satay is grilled meat on a skewer.", region: "Java" }));
    const answer = (await (await post("/api/ask", { question: "What is satay?" })).json()) as {
      text: string;
    };
    expect(answer.text).toContain("on a skewer");
    expect((await app.request("/api/foods/satay", { method: "DELETE" })).status).toBe(204);
    expect((await app.request("/api/foods/satay", { method: "DELETE" })).status).toBe(404);
  });

  it("keeps the digits of numbers, and refuses what it could not keep", async () => {
    const { app, application } = await testService();
    await application.store.upsert([{ id: "oats", text: "Oats.", metadata: { grams: 9007199254740993n } }]);
    expect(await (await app.request("/api/foods/oats")).text()).toContain('"grams":9007199254740993}');
    const large = await put(app, "rice", '{"text":"Rice is a grain.","grams":9007199254740993}');
    expect(large.status).toBe(422);
    expect(await large.json()).toMatchObject({ detail: expect.stringContaining("9007199254740993") });
    for (const body of ['{"text":7}', '{"region":"X"}', '{"text":"x","id":"other"}', '{"text":" "}', "[]"]) {
      expect((await put(app, "rice", body)).status).toBe(422);
    }
    expect((await app.request("/api/foods/rice")).status).toBe(404);
  });
});

describe("POST /api/search", () => {
  it("finds the best matches without an answer", async () => {
    const { post } = await testService();
    const response = await post("/api/search", { text: "noodle soup", topK: 1 });
    expect(await response.json()).toMatchObject({
      store: "embedded",
      sources: [{ number: 1, id: "pho" }],
      plan: { kind: expect.any(String) },
    });
  });

  it("explains why nothing was found", async () => {
    const { post } = await testService();
    const response = await post("/api/search", { text: "soup", filter: "region = 'Atlantis'" });
    const { sources, notices } = (await response.json()) as { sources: unknown[]; notices: string[] };
    expect(sources).toEqual([]);
    expect(notices.join(" ")).toContain("Atlantis");
  });
});
