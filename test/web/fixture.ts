import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { type Food, toDocument } from "../../src/foods/food.ts";
import { ConnectionError } from "../../src/foundation/errors.ts";
import { PageFiles } from "../../src/pages/page-files.ts";
import { FacetBuilder } from "../../src/rag/catalog/facets.ts";
import { RagEngine } from "../../src/rag/engine.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import type { GenerationRequest, Generator } from "../../src/rag/generator.ts";
import { createServer } from "../../src/server/app.ts";
import type { ServerApp } from "../../src/server/environment.ts";
import { listen } from "../../src/server/listen.ts";
import { defaultLimits } from "../../src/server/parts.ts";
import type { VectorStore } from "../../src/store/store.ts";

/** What happens behind the pages; a test changes it while they are open. */
export interface Scene {
  /** Milliseconds between two words of an answer. */
  pace: number;
  /** Words after which the generator waits for ever. */
  stallAfter: number;
  /** Whether every request to the store fails. */
  isStoreDead: boolean;
  /** Words after which the connection breaks. */
  cutAfter: number;
}

const calm: Scene = { pace: 0, stallAfter: Infinity, isStoreDead: false, cutAfter: Infinity };

export interface Fixture {
  readonly url: string;
  readonly scene: Scene;
  /** Back to a service that works. */
  calm(): void;
  close(): Promise<void>;
}

export interface FixtureOptions {
  /** A directory for the index. */
  readonly directory: string;
  /** Default: the foods of the package. */
  readonly foods?: readonly Food[];
}

/**
 * The service with its pages on a free port: the real API over a real index, whose failures a test can switch on. It
 * is what the browser tests and the screenshots run against.
 */
export async function startFixture({ directory, foods = packagedFoods() }: FixtureOptions): Promise<Fixture> {
  const scene = { ...calm };
  const application = createApplication(readSettings({ RAGFOOD_DIR: directory, GENERATOR: "extractive" }));
  const documents = foods.map((food) => toDocument(food));
  await application.store.upsert(documents);
  const store = fragile(application.store, scene);
  const service = createServer({
    version: "0.1.0",
    engine: new RagEngine({ store, generators: [paced(scene)], topK: 3, isLexical: true }),
    store,
    namespace: "",
    limits: defaultLimits,
    pages: new PageFiles({ ask: "/ask", dashboard: "/dashboard", data: "/data" }),
  });
  const app = new Hono();
  app.get("/api/foods/facets", (context) => {
    const facets = new FacetBuilder();
    for (const { metadata } of documents) facets.add(metadata);
    return context.json({ facets: facets.build() });
  });
  app.post("/api/feedback", (context) => context.json({ recorded: true }, 201));
  app.all("*", (context) => service.fetch(context.req.raw, context.env as never));
  const server = await listen(app as unknown as ServerApp, { host: "127.0.0.1", port: 0 });
  return {
    url: server.url,
    scene,
    calm: () => Object.assign(scene, calm),
    close: async () => {
      await server.close(100);
      await application.close();
    },
  };
}

function packagedFoods(): Food[] {
  const file = fileURLToPath(new URL("../../data/foods.json", import.meta.url));
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A store that can die. */
function fragile(store: VectorStore, scene: Scene): VectorStore {
  return new Proxy(store, {
    get: (target, name, receiver) => {
      const value = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        if (scene.isStoreDead) throw new ConnectionError("upstash", "nothing listens");
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
