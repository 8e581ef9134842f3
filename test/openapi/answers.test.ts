import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect, it, onTestFinished } from "vitest";
import { createMeasuring, createWatch } from "../../src/composition/watch.ts";
import { readSettings } from "../../src/config/settings.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { lighthouses } from "../helpers/lighthouses.ts";
import { type TestServiceOptions, testService } from "../helpers/service.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const documentId = "openapi";

/** A watched service whose answers are checked against its own OpenAPI document. */
async function describedService({ parts, ...options }: TestServiceOptions = {}) {
  const settings = readSettings({ RAGFOOD_DIR: temporaryDirectory() });
  const state = openSqliteState(`${temporaryDirectory()}/state.sqlite3`);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const watch = createWatch(settings, createMeasuring(settings, "1.2.3"), { state, version: "1.2.3", log });
  onTestFinished(async () => {
    await watch.close();
    await state.close();
  });
  const service = await testService({ ...options, parts: { watch, ...parts } });
  await watch.look();
  const document = (await (await service.app.request("/openapi.json")).json()) as object;
  const schemas = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  schemas.addSchema(document, documentId);
  const failures = async (method: "get" | "post" | "put", route: string, body?: unknown, path = route) => {
    const response = await service.app.request(path, {
      method: method.toUpperCase(),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" },
      }),
    });
    const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
    const pointer = ["paths", route, method, "responses", String(response.status), "content", type, "schema"]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const validate: ValidateFunction = schemas.compile({ $ref: `${documentId}#/${pointer}` });
    validate(await response.json());
    return { status: response.status, errors: validate.errors ?? [] };
  };
  return { ...service, failures };
}

const questions = [
  "What is pho?",
  "Which soups are vegan?",
  "Which food has the most energy?",
  "Which is the spiciest food?",
  "Compare pho and idli",
  "Is gazpacho vegan?",
  "dishes without latex",
  "soupes sans viande",
  "Where is pho from, and is it vegan?",
  "Who won the election?",
  "How many foods do you know?",
];

it("describes the answers to questions of every kind", async () => {
  const { failures } = await describedService();
  for (const question of questions)
    expect(await failures("post", "/api/ask", { question }), question).toEqual({ status: 200, errors: [] });
});

it("describes answers to follow-ups, with filters, and about other records", async () => {
  const { failures } = await describedService();
  const history = [{ question: "Which soups are vegan?", answer: "Gazpacho." }];
  for (const body of [
    { question: "Which of them are cold?", history },
    { question: "Why these?", history },
    { question: "a dish", filter: "region = 'Vietnam'", topK: 1 },
    { question: "soup without meat", ignore: ["excluded:meat"] },
  ]) {
    expect((await failures("post", "/api/ask", body)).errors).toEqual([]);
  }
  const other = await describedService({ foods: lighthouses });
  for (const question of ["Lighthouses in Germany without steel", "Which is the tallest lighthouse?"])
    expect(await other.failures("post", "/api/ask", { question })).toEqual({ status: 200, errors: [] });
});

it("describes the answers of the other routes, and refusals", async () => {
  const { failures } = await describedService();
  const checked = [
    await failures("get", "/healthz"),
    await failures("get", "/readyz"),
    await failures("post", "/api/search", { text: "soup" }),
    await failures("get", "/api/foods"),
    await failures("get", "/api/foods/facets"),
    await failures("get", "/api/foods/{id}", undefined, "/api/foods/pho"),
    await failures("put", "/api/foods/{id}", { text: "Bún is a noodle." }, "/api/foods/bun"),
    await failures("get", "/api/status"),
    await failures("get", "/api/alerts"),
    await failures("get", "/api/incidents"),
    await failures("get", "/api/metrics/history"),
    await failures("get", "/v1/models"),
    await failures("post", "/v1/chat/completions", {
      model: "ragfood",
      messages: [{ role: "user", content: "What is pho?" }],
    }),
    await failures("post", "/api/index/info", {}),
    await failures("post", "/api/index/range", { cursor: "0", limit: 2 }),
    await failures("post", "/api/index/fetch", { ids: ["pho", "absent"] }),
    await failures("post", "/api/index/query-data", { data: "soup", topK: 2 }),
    await failures("post", "/api/ask", { question: "" }),
    await failures("get", "/api/foods/{id}", undefined, "/api/foods/absent"),
    await failures("post", "/api/search", { text: "soup", filter: "region >> 3" }),
  ];
  expect(checked.flatMap(({ errors }) => errors)).toEqual([]);
  const statuses = checked.map(({ status }) => status);
  expect(statuses.slice(0, -3)).toEqual(statuses.slice(0, -3).map(() => 200));
  expect(statuses.slice(-3).every((status) => status >= 400)).toBe(true);
});
