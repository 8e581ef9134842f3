import { onTestFinished } from "vitest";
import { type Application, createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { type Food, toDocument } from "../../src/foods/food.ts";
import { RagEngine } from "../../src/rag/engine.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import type { Generator } from "../../src/rag/generator.ts";
import { createServer } from "../../src/server/app.ts";
import type { ServerApp } from "../../src/server/environment.ts";
import { defaultLimits, type ServerParts } from "../../src/server/parts.ts";
import { RecentAnswers } from "../../src/server/recent-answers.ts";
import { localAccess } from "./access.ts";
import { sampleFoods } from "./foods.ts";
import { temporaryDirectory } from "./temporary.ts";

export interface TestService {
  readonly app: ServerApp;
  readonly application: Application;
  /** What the app is made of, for a test that makes another one. */
  readonly parts: ServerParts;
  /** Sends JSON, as a program on this machine. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface TestServiceOptions {
  readonly foods?: readonly Food[];
  readonly generators?: readonly Generator[];
  readonly parts?: Partial<ServerParts>;
  readonly environment?: Record<string, string>;
}

/** The HTTP API over an embedded index with a few foods; answers are quotes. */
export async function testService(options: TestServiceOptions = {}): Promise<TestService> {
  const { foods = sampleFoods, generators, parts, environment } = options;
  const settings = readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    GENERATOR: "extractive",
    ...environment,
  });
  const application = createApplication(settings);
  onTestFinished(() => application.close());
  const { store } = application;
  await store.upsert(foods.map((food) => toDocument(food)));
  const all: ServerParts = {
    version: "0.0.0",
    engine: generators
      ? new RagEngine({
          store,
          generators: [...generators, new ExtractiveGenerator()],
          topK: 3,
          isLexical: true,
        })
      : application.engine,
    store,
    namespace: "",
    template: undefined,
    // On a busy machine requests of a test wait longer than users should.
    limits: { ...defaultLimits, waitMs: 60_000 },
    access: localAccess,
    feedback: undefined,
    recentAnswers: new RecentAnswers(),
    ...parts,
  };
  const app = createServer(all);
  return {
    app,
    application,
    parts: all,
    post: async (path, body, headers) =>
      await app.request(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", ...headers },
      }),
  };
}

/** The events of a stream of server-sent events; JSON data is parsed. */
export async function eventsOf(response: Response): Promise<{ event: string; data: unknown }[]> {
  const text = await response.text();
  return text
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const event = /^event: (.*)$/m.exec(block)?.[1] ?? "";
      const data = Array.from(block.matchAll(/^data: (.*)$/gm), ([, line]) => line).join("\n");
      return { event, data: data === "[DONE]" ? data : JSON.parse(data) };
    });
}
