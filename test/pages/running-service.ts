import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openService, type Service } from "../../src/composition/service.ts";
import { readSettings } from "../../src/config/settings.ts";
import { type Emulator, startEmulator } from "../../src/embedded/index.ts";
import { toDocument } from "../../src/foods/food.ts";
import { listen } from "../../src/server/listen.ts";
import { type ApiKey, KeyRepository } from "../../src/state/keys.ts";
import { sampleFoods } from "../helpers/foods.ts";

/** What `ragfood serve` runs, in this process, with an emulator in place of Upstash. */
export interface RunningService extends Service {
  readonly url: string;
  readonly emulator: Emulator;
  /** A key with the scope operate. */
  readonly operator: { readonly key: ApiKey; readonly token: string };
  /** Sends as many questions at once. */
  ask(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param environment settings beside those of the emulator */
export async function startService(environment: Record<string, string>): Promise<RunningService> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-service-"));
  const emulator = await startEmulator({ log: () => {} });
  const given = {
    RAGFOOD_DIR: directory,
    GENERATOR: "extractive",
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    ...environment,
  };
  const host = "127.0.0.1";
  const service = await openService(readSettings(given), {
    version: "0.1.0",
    host,
    environment: given,
    output: { write: () => {}, isTerminal: false },
  });
  await service.application.store.upsert(sampleFoods.map((food) => toDocument(food)));
  const { key, token } = await new KeyRepository(service.state).create({
    name: "night shift",
    scopes: ["read", "operate"],
    namespaces: undefined,
  });
  const server = await listen(service.app, { host, port: 0 });
  return {
    ...service,
    url: server.url,
    emulator,
    operator: { key, token },
    ask: async (count) => {
      const request = {
        method: "POST",
        body: JSON.stringify({ question: "What is pho?" }),
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      };
      await Promise.all(Array.from({ length: count }, () => fetch(`${server.url}/api/ask`, request)));
    },
    stop: async () => {
      service.beginStop();
      await server.close(100);
      await service.close();
      await emulator.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
