import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Hono, type MiddlewareHandler } from "hono";
import { streamSSE } from "hono/streaming";
import { createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { type Food, toDocument } from "../../src/foods/food.ts";
import { ConnectionError } from "../../src/foundation/errors.ts";
import { PageFiles } from "../../src/pages/page-files.ts";
import { RagEngine } from "../../src/rag/engine.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import type { GenerationRequest, Generator } from "../../src/rag/generator.ts";
import { createServer } from "../../src/server/app.ts";
import type { ServerApp } from "../../src/server/environment.ts";
import { listen } from "../../src/server/listen.ts";
import { defaultLimits } from "../../src/server/parts.ts";
import { RecentAnswers } from "../../src/server/recent-answers.ts";
import type { Acknowledgement } from "../../src/state/alerts.ts";
import type { IncidentNote } from "../../src/state/incidents.ts";
import type { VectorStore } from "../../src/store/store.ts";
import type { StageId } from "../../web/dashboard/stages.ts";
import { localAccess } from "../helpers/access.ts";
import { cutoverApp, leadingStore } from "./cutover.ts";
import { incidentApp } from "./incidents.ts";
import { historyOf, type Mood, statusOf } from "./measures.ts";

/** What happens behind the pages; a test changes it while they are open. */
interface Scene {
  /** Milliseconds between two words of an answer. */
  pace: number;
  /** Words after which the generator waits for ever. */
  stallAfter: number;
  /** Whether every request to the store fails. */
  isStoreDead: boolean;
  /** Words after which the connection breaks. */
  cutAfter: number;
  /** What the dashboard sees. */
  mood: Mood;
  /** The stage of the cutover; `undefined`: the service has none. */
  stage: StageId | undefined;
  isPaused: boolean;
  /** Whether the gate for the next stage is closed. */
  isGateClosed: boolean;
  /** Whether a change of the leader is under way. */
  isHeld: boolean;
  /** Share of the reads that the target answers, 0 to 100. */
  canaryPercent: number;
  /** Without it the service does not send the state of anything. */
  isWatched: boolean;
  /** A key without which the API answers nothing. */
  neededKey: string | undefined;
  /** Of the alert of a bad mood. */
  acknowledgement: Acknowledgement | undefined;
}

/** The only key with which the cutover of the fixture can be operated. */
export const operateKey = "rf_operate_fixture";

const calm: Scene = {
  mood: "good",
  stage: "canary",
  isPaused: false,
  isGateClosed: false,
  isHeld: false,
  canaryPercent: 10,
  isWatched: true,
  neededKey: undefined,
  acknowledgement: undefined,
  pace: 0,
  stallAfter: Infinity,
  isStoreDead: false,
  cutAfter: Infinity,
};

export interface Fixture {
  readonly url: string;
  readonly scene: Scene;
  /** The votes that arrived. */
  readonly votes: readonly unknown[];
  /** What was done to the cutover, oldest first. */
  readonly actions: readonly unknown[];
  /** Back to a service that works. */
  calm(): void;
  close(): Promise<void>;
}

export interface FixtureOptions {
  /** Default: the foods of the package. */
  readonly foods?: readonly Food[];
}

/**
 * The service with its pages on a free port: the real API over a real index, whose failures a test can switch on. It
 * is what the browser tests and the screenshots run against.
 */
export async function startFixture({ foods = packagedFoods() }: FixtureOptions = {}): Promise<Fixture> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-pages-"));
  const scene = { ...calm };
  const application = createApplication(readSettings({ RAGFOOD_DIR: directory, GENERATOR: "extractive" }));
  const documents = foods.map((food) => toDocument(food));
  await application.store.upsert(documents);
  const votes: unknown[] = [];
  const actions: unknown[] = [];
  const store = fragile(application.store, scene);
  const service = createServer({
    version: "0.1.0",
    engine: new RagEngine({ store, generators: [paced(scene)], topK: 3, isLexical: true }),
    store,
    namespace: "",
    template: undefined,
    feedback: {
      vote: async (vote) => {
        votes.push(vote);
        return "added";
      },
    },
    recentAnswers: new RecentAnswers(),
    access: localAccess,
    limits: defaultLimits,
    pages: new PageFiles({ ask: "/ask", dashboard: "/dashboard", data: "/data", missing: "/missing" }),
  });
  const app = new Hono();
  app.use("/api/*", demandKey(scene));
  watchRoutes(app, scene);
  const cutover = cutoverApp(scene, actions, operateKey);
  app.all("/api/cutover", ({ req }) => cutover.fetch(req.raw));
  app.all("/api/cutover/*", ({ req }) => cutover.fetch(req.raw));
  const notes: IncidentNote[] = [];
  const incidents = incidentApp(scene, notes);
  app.all("/api/incidents", ({ req }) => incidents.fetch(req.raw));
  app.all("/api/alerts", ({ req }) => incidents.fetch(req.raw));
  app.all("/api/alerts/*", ({ req }) => incidents.fetch(req.raw));
  app.all("/api/incidents/*", ({ req }) => incidents.fetch(req.raw));
  app.all("*", (context) => service.fetch(context.req.raw, context.env as never));
  const server = await listen(app as unknown as ServerApp, { host: "127.0.0.1", port: 0 });
  return {
    url: server.url,
    scene,
    votes,
    actions,
    calm: () => {
      Object.assign(scene, calm);
      actions.length = 0;
      notes.length = 0;
    },
    close: async () => {
      await server.close(100);
      await application.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What the dashboard reads. */
function watchRoutes(app: Hono, scene: Scene): void {
  const now = () => Date.now();
  app.use("/api/status", refuseUnwatched(scene));
  app.use("/api/events", refuseUnwatched(scene));
  app.get("/api/status", async (context) => context.json(await statusOf(scene.mood, scene, now())));
  app.get("/api/events", (context) =>
    streamSSE(context, async (stream) => {
      while (!stream.aborted && scene.isWatched) {
        await stream.writeSSE({
          event: "status",
          data: JSON.stringify(await statusOf(scene.mood, scene, now())),
        });
        await stream.sleep(200);
      }
    }),
  );
  app.get("/api/metrics/history", ({ req, json }) =>
    json(
      historyOf(scene.mood, {
        from: Date.parse(req.query("from") ?? ""),
        to: Date.parse(req.query("to") ?? ""),
        stepSeconds: Number(req.query("step")),
      }),
    ),
  );
}

function refuseUnwatched(scene: Scene): MiddlewareHandler {
  return async (context, next) => {
    if (scene.isWatched) return await next();
    return context.json(
      { code: "overloaded", detail: "The service is overloaded.", status: 503, requestId: "fixture" },
      503,
    );
  };
}

function demandKey(scene: Scene): MiddlewareHandler {
  return async (context, next) => {
    const given = context.req.header("authorization");
    if (scene.neededKey === undefined || given === `Bearer ${scene.neededKey}`) return await next();
    const detail = "This service needs a key.";
    return context.json({ code: "unauthorized", detail, status: 401, requestId: "fixture" }, 401);
  };
}

export function packagedFoods(): Food[] {
  const file = fileURLToPath(new URL("../../data/foods.json", import.meta.url));
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A store that can die. */
function fragile(store: VectorStore, scene: Scene): VectorStore {
  return new Proxy(store, {
    get: (target, name, receiver) => {
      // As the status names it.
      if (name === "name") return leadingStore(scene);
      const value = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        if (scene.isStoreDead) throw new ConnectionError(leadingStore(scene), "nothing listens");
        return value.apply(target, parameters);
      };
    },
  });
}

/** Quotes the sources, word by word. */
function paced(scene: Scene): Generator {
  const quotes = new ExtractiveGenerator();
  return {
    name: quotes.name,
    async *generate(request: GenerationRequest) {
      let count = 0;
      for await (const piece of quotes.generate(request)) {
        for (const word of piece.split(/(?<=\s)/)) {
          if (count >= scene.stallAfter) await once(request.signal);
          if (count >= scene.cutAfter) throw new ConnectionError("ollama", "the connection broke");
          if (scene.pace > 0) await new Promise((resolve) => setTimeout(resolve, scene.pace));
          yield word;
          count++;
        }
      }
    },
  };
}

function once(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}
