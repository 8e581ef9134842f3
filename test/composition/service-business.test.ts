import { describe, expect, it, onTestFinished } from "vitest";
import { openService } from "../../src/composition/service.ts";
import { readSettings, type Settings } from "../../src/config/settings.ts";
import { type Emulator, startEmulator } from "../../src/embedded/emulator.ts";
import type { Status } from "../../src/operations/status/status.ts";
import type { Answer } from "../../src/rag/answer.ts";
import { DriftRepository } from "../../src/state/drift.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

async function cloudSettings(environment: Record<string, string>, emulator?: Emulator) {
  const { url, token } = emulator ?? (await startOwnEmulator());
  return readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: url,
    UPSTASH_VECTOR_REST_TOKEN: token,
    ...environment,
  });
}

async function startOwnEmulator(): Promise<Emulator> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  return emulator;
}

async function startService(settings: Settings) {
  const service = await openService(settings, {
    version: "1.2.3",
    host: "127.0.0.1",
    environment: {},
    output: { write: () => {}, isTerminal: false },
  });
  const request = (path: string, body?: object) =>
    service.app.request(`http://127.0.0.1${path}`, {
      headers: { "content-type": "application/json", host: "127.0.0.1" },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
  return { ...service, request };
}

describe("a service that counts its costs and votes (OPS-3, OPS-4, OPS-6, OPS-10)", () => {
  it("shows both in its status, and alerts for a spent budget and for a model that drifted", async () => {
    const settings = await cloudSettings({ BUDGET_REQUESTS: "5" });
    const first = await startService(settings);
    const documents = sampleFoods.map(({ id, text }) => ({ id, text, metadata: {} }));
    await first.application.store.upsert(documents);
    const vote = { answerId: "a1", vote: "up", comment: "Good" };
    expect(await (await first.request("/api/feedback", vote)).json()).toEqual({ status: "added" });
    const check = { subject: "s", outcome: "drifted", largestChange: 0.5, sentence: "It drifted." } as const;
    await new DriftRepository(first.state).addCheck(check);
    await first.close();
    // Its first look sees what the other service has recorded.
    const second = await startService(settings);
    const status = (await (await second.request("/api/status")).json()) as Status;
    await second.close();
    const { sections, alerts } = status;
    expect(alerts.map(({ key }) => key).sort()).toEqual(["budget", "drift"]);
    expect(sections.cost).toMatchObject({
      condition: "bad",
      sentence: "100 % of the budget of this month is spent: 5 of 5 requests",
      details: { byKind: { upsert: 5 } },
    });
    expect(sections.integrity).toMatchObject({
      condition: "warning",
      sentence: "It drifted. No stored records were read again yet",
      details: { drift: { outcome: "drifted", largestChange: 0.5 } },
    });
    expect(sections.feedback.sentence).toBe("100 % of 1 vote is up (95 %: 21 to 100 %) within 7 days");
  });
});

it("tells readers neither addresses nor settings of what failed (SEC-1)", async () => {
  const emulator = await startOwnEmulator();
  const settings = await cloudSettings(
    {
      GENERATOR: "auto",
      OLLAMA_HOST: "http://127.0.0.1:9",
      FALLBACK: "embedded",
      FALLBACK_AFTER_MS: "60000",
    },
    emulator,
  );
  const service = await startService(settings);
  const { primary, secondary } = service.application;
  const documents = sampleFoods.map(({ id, text }) => ({ id, text, metadata: {} }));
  await primary.upsert(documents);
  await secondary?.upsert(documents);
  emulator.setFaults({ isDown: true });
  const answer = (await (await service.request("/api/ask", { question: "What is idli?" })).json()) as Answer;
  const chat = { model: "ragfood", messages: [{ role: "user", content: "What is idli?" }] };
  const said = await (await service.request("/v1/chat/completions", chat)).text();
  await service.close();
  expect(answer).toMatchObject({ store: "embedded", generator: "extractive" });
  expect(answer.notices).toContain("The language model does not answer.");
  expect(answer.notices.join()).toContain("upstash failed. Answered from the embedded index");
  expect(`${JSON.stringify(answer)} ${said}`).not.toMatch(/127\.0\.0\.1|OLLAMA_HOST|UPSTASH/);
});
