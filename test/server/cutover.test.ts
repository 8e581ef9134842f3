import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { CutoverOperator } from "../../src/cutover/operator.ts";
import { defaultThresholds } from "../../src/cutover/watch/thresholds.ts";
import { RagEngine } from "../../src/rag/engine.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import type { CutoverResponse } from "../../src/server/schemas/cutover.ts";
import { SqlCutoverRows } from "../../src/state/cutover/sql-rows.ts";
import { listIncidents } from "../../src/state/incidents.ts";
import { StateError } from "../../src/state/state-error.ts";
import { advanceTo, change, Pair, PluggedStore, quiet } from "../cutover/pair.ts";
import { localAccess } from "../helpers/access.ts";
import { testKeys } from "../helpers/keys.ts";
import { testService } from "../helpers/service.ts";
import { denseSettings, documents, memoryStore } from "../store/policies/stores.ts";

async function withCutover() {
  const pair = new Pair();
  const store = pair.join();
  const state = pair.openState();
  await pair.source.upsert(documents);
  await store.runtime.view();
  const operator = new CutoverOperator({
    protocol: store.runtime.parts.protocol,
    state,
    pair: "main",
    thresholds: { ...defaultThresholds, minimumRequests: 20 },
    names: { source: "chroma", target: "upstash" },
    stores: () => ({ source: pair.source, target: pair.target }),
    fit: { copy: "vectors", targetEmbeds: true },
  });
  const service = await testService({ parts: { cutover: operator } });
  const park = (id: string) =>
    state.transaction((session) => {
      const operation = JSON.stringify({ kind: "document", document: { id, text: "secret soup" } });
      const write = { sequence: 900, namespace: "", id, operation, reason: "Too long.", parkedAt: 0 };
      return new SqlCutoverRows(session, "main").addParked(write);
    });
  const act = (action: string, body: unknown = {}) => service.post(`/api/cutover/${action}`, body);
  const read = async () => await jsonOf<CutoverResponse>(await service.app.request("/api/cutover"));
  return { pair, store, state, operator, service, act, read, park };
}

async function jsonOf<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

describe("/api/cutover (CUT-1, CUT-2)", () => {
  it("shows the stage, gates and history, starts, and refuses an advance with what is missing", async () => {
    const { act, read, store } = await withCutover();
    const started = await jsonOf<CutoverResponse>(await act("start", { reason: "change 4711" }));
    expect(started).toMatchObject({
      stage: "dual-write",
      source: "chroma",
      target: "upstash",
      next: "shadow-read",
      history: [
        { event: "start: source to dual-write", by: "an operator on this machine", reason: "change 4711" },
      ],
    });
    await advanceTo(store, "shadow-read");
    const refused = await act("advance");
    expect(refused.status).toBe(409);
    expect((await jsonOf<{ detail: string }>(refused)).detail).toContain(
      "canary needs: a comparison of the stores",
    );
    const { gates } = await read();
    expect(gates.map(({ isOpen }) => isOpen)).toEqual([true, false, false, false, false, true]);
  });

  it("names the store that answered a search or a question, and not the one that leads", async () => {
    const pair = new Pair();
    const store = pair.join();
    await pair.source.upsert(documents);
    await advanceTo(store, "canary", 100);
    const engine = new RagEngine({
      store,
      generators: [new ExtractiveGenerator()],
      topK: 3,
      isLexical: true,
    });
    const { post } = await testService({ parts: { engine, store } });
    const storeOf = async (path: string, body: object) =>
      (await jsonOf<{ store: string }>(await post(path, body))).store;
    const text = documents[0]?.text as string;
    expect(store.name).toBe("source");
    expect(await storeOf("/api/search", { text, literal: true })).toBe("target");
    expect(await storeOf("/api/ask", { question: text, literal: true })).toBe("target");
    await change(store, "rollback");
    await store.runtime.presence.look();
    expect(await storeOf("/api/search", { text, literal: true })).toBe("source");
  });

  it("names who acted in the history: a person, a key, or both", async () => {
    const { operator } = await withCutover();
    const { verifier, issue } = await testKeys();
    const service = await testService({
      parts: { cutover: operator, access: { ...localAccess, keys: verifier } },
    });
    const { id, headers } = await issue({ name: "night shift", scopes: ["operate"] });
    const act = async (action: string, body: unknown, withKey?: Record<string, string>) =>
      await jsonOf<CutoverResponse>(await service.post(`/api/cutover/${action}`, body, withKey));
    const started = await act("start", { by: " Ada " });
    expect(started.caller).toEqual({ key: null });
    expect(started.history[0]).toMatchObject({
      what: "Started: writes go to chroma, and copies to upstash",
      by: "Ada (on this machine, without a key)",
    });
    const back = await act("rollback", {}, headers);
    expect(back.caller).toEqual({ key: "night shift" });
    expect(back.answers).toBe("Answers come from chroma");
    expect(back.history[0]).toMatchObject({
      what: "Rolled back: answers come from chroma",
      by: `key ${id} “night shift”`,
    });
    expect((await act("pause", { by: "Bo" }, headers)).isPaused).toBe(true);
    expect((await operator.overview()).pause?.who).toBe(`Bo (key ${id} “night shift”)`);
  });

  it("goes on with closed gates only with a reason, which is kept with what the gates saw", async () => {
    const { act, store, operator } = await withCutover();
    await act("start");
    await advanceTo(store, "shadow-read");
    await quiet(store);
    expect((await act("advance", { isForced: true })).status).toBe(400);
    expect((await act("advance", { isForced: true, reason: "a test", canaryPercent: 20 })).status).toBe(200);
    const [entry] = await operator.history(1);
    expect(entry).toMatchObject({ to: "canary", reason: "a test" });
    expect(JSON.parse(entry?.evidence ?? "")).toMatchObject({
      isForced: true,
      gates: [{ name: "lag" }, {}, {}, {}, {}],
    });
  });

  it("does not advance while it is paused, and rolls back all the same", async () => {
    const { act, store, read } = await withCutover();
    await act("start");
    await advanceTo(store, "dual-write");
    await act("pause", { reason: "no changes before Monday" });
    const refused = await act("advance");
    expect([refused.status, (await jsonOf<{ detail: string }>(refused)).detail]).toEqual([
      409,
      expect.stringContaining("has paused the cutover (no changes before Monday)"),
    ]);
    await act("resume");
    await act("pause");
    expect((await act("rollback")).status).toBe(200);
    expect((await read()).stage).toBe("source");
  });

  it("compares both stores in the background, one comparison at a time, and shows its result", async () => {
    const { pair, store, act, read } = await withCutover();
    await act("start");
    await advanceTo(store, "shadow-read");
    await quiet(store);
    const list = pair.source.range.bind(pair.source);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    pair.source.range = async function* (options) {
      await held;
      yield* list(options);
    };
    const begun = await act("verify", { by: "Ada" });
    expect(begun.status).toBe(202);
    expect((await jsonOf<CutoverResponse>(begun)).verification).toMatchObject({
      state: "running",
      by: "Ada (on this machine, without a key)",
    });
    const second = await act("verify");
    expect([second.status, await second.text()]).toEqual([
      409,
      expect.stringContaining("A comparison that Ada (on this machine, without a key) began is running"),
    ]);
    release();
    await expect.poll(async () => (await read()).verification?.state).toBe("done");
    const { verification, gates } = await read();
    expect(verification).toMatchObject({ checked: documents.length, differences: 0, problem: null });
    expect(gates[1]).toMatchObject({ isOpen: true });
    // A small sample says that it does not count.
    expect((await act("verify", { sample: 1 })).status).toBe(202);
    await expect
      .poll(async () => (await read()).verification?.problem)
      .toBe("An earlier comparison of more records counts instead.");
  });

  it("shows a comparison as failed or interrupted, and never as done, if it did not end", async () => {
    const { pair, store, operator, act, read } = await withCutover();
    await act("start");
    await advanceTo(store, "dual-write");
    pair.source.isDown = true;
    await act("verify");
    await expect
      .poll(async () => (await read()).verification)
      .toMatchObject({ state: "failed", problem: expect.stringContaining("unplugged") });
    pair.source.isDown = false;
    pair.source.range = async function* (options) {
      await new Promise((_, reject) => {
        options?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
      yield [];
    };
    await act("verify");
    await operator.stop();
    expect((await read()).verification).toMatchObject({ state: "interrupted", problem: null });
  });

  it("does not rehearse over HTTP, and says why", async () => {
    const { act } = await withCutover();
    const answer = await act("rehearse");
    expect([answer.status, await jsonOf(answer)]).toMatchObject([
      501,
      { code: "not-over-http", hint: "Run: ragfood cutover rehearse" },
    ]);
  });

  it("refuses to start with a target that does not take the records, with what to do", async () => {
    const { pair, act, read } = await withCutover();
    pair.target = new PluggedStore(memoryStore(denseSettings, "target"));
    const answer = await act("start");
    expect([answer.status, await jsonOf(answer)]).toMatchObject([
      409,
      {
        detail: expect.stringContaining("the target is DENSE"),
        hint: expect.stringContaining("Create a SPARSE"),
      },
    ]);
    expect((await read()).stage).toBe("source");
  });

  it("is described: actions, comparison, and the rehearsal that is none (OpenAPI)", async () => {
    const { service } = await withCutover();
    const document = (await (await service.app.request("/openapi.json")).json()) as {
      paths: Record<string, Record<string, { responses: object }>>;
    };
    expect((await new Validator().validate(document as never)).errors ?? []).toEqual([]);
    const statuses = (path: string) => Object.keys(document.paths[path]?.post?.responses ?? {});
    expect(statuses("/api/cutover/verify")).toEqual(expect.arrayContaining(["202", "409"]));
    expect(statuses("/api/cutover/rehearse")).toContain("501");
    expect(statuses("/api/cutover/{action}")).toContain("200");
  });

  it("shows parked writes without their content", async () => {
    const { read, park } = await withCutover();
    await park("soup");
    const shown = await read();
    expect(shown.parked).toEqual({
      count: 1,
      writes: [
        {
          number: 900,
          namespace: "",
          id: "soup",
          reason: "Too long.",
          time: "1970-01-01T00:00:00.000Z",
          isDamaged: false,
        },
      ],
    });
    expect(JSON.stringify(shown)).not.toContain("secret soup");
  });

  it("keeps the gates closed while the target is not level, which no force skips", async () => {
    const { act, read } = await withCutover();
    await act("start");
    const last = (await read()).gates.at(-1);
    expect(last).toMatchObject({
      isOpen: false,
      detail: expect.stringContaining("does not hold every record"),
    });
    const refused = await act("advance", { isForced: true, reason: "a test" });
    expect(refused.status).toBe(409);
  });

  it("goes on through a pause only after resume: neither a force nor a larger share skips it", async () => {
    const { act, store, read } = await withCutover();
    await act("start");
    await advanceTo(store, "canary", 20);
    await act("pause", { reason: "no changes before Monday" });
    expect((await act("advance", { isForced: true, reason: "a test" })).status).toBe(409);
    expect((await act("advance", { canaryPercent: 50 })).status).toBe(409);
    expect((await act("advance", { canaryPercent: 10 })).status).toBe(200);
    expect((await act("resume")).status).toBe(200);
    expect((await act("resume")).status).toBe(409);
    const { history } = await read();
    expect(history.slice(0, 3).map(({ event, reason }) => [event, reason])).toEqual([
      ["resume", null],
      ["canary, 10 % of the questions", null],
      ["pause", "no changes before Monday"],
    ]);
  });

  it("refuses a share that the next stage would ignore, and names the stage that can be finished", async () => {
    const { act, store } = await withCutover();
    await act("start");
    await advanceTo(store, "dual-write");
    const share = await act("advance", { canaryPercent: 25 });
    expect([share.status, await share.text()]).toEqual([
      400,
      expect.stringContaining("The stage after dual-write has no share"),
    ]);
    const finish = await act("finish");
    expect([finish.status, await finish.text()]).toEqual([
      409,
      expect.stringContaining("Only the stage `target` can be finished."),
    ]);
  });

  it("needs a key with the scope operate for all namespaces", async () => {
    const { operator } = await withCutover();
    const { verifier, issue } = await testKeys();
    const access = { ...localAccess, openTo: "nobody" as const, keys: verifier };
    const service = await testService({ parts: { cutover: operator, access } });
    const status = async (key: Parameters<typeof issue>[0]) =>
      (await service.post("/api/cutover/rollback", {}, (await issue(key)).headers)).status;
    expect(await status({ scopes: ["read"] })).toBe(403);
    expect(await status({ scopes: ["operate"], namespaces: ["tenant"] })).toBe(403);
    expect(await status({ scopes: ["operate"] })).toBe(409);
  });

  it.for(["start", "advance", "rollback", "pause", "finish"] as const)(
    "does %s once if it is sent twice at the same moment: the other operator is told what came first",
    async (action) => {
      const { act, store, read, state } = await withCutover();
      if (action !== "start") await advanceTo(store, action === "finish" ? "target" : "dual-write");
      await quiet(store);
      const body = action === "advance" || action === "finish" ? { isForced: true, reason: "a test" } : {};
      // A finish waits until what was sent under the last epoch has landed.
      const ready = async () => (await read()).gates.at(-1)?.isOpen ?? true;
      await expect.poll(ready).toBe(true);
      const before = (await read()).history.length;
      const answers = await Promise.all([act(action, body), act(action, body)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      const refused = answers.find(({ status }) => status === 409) as Response;
      const words =
        /came first|paused the cutover|leads already|has started already|is finished|does not hold every record|Not every running process/;
      expect((await jsonOf<{ detail: string }>(refused)).detail).toMatch(words);
      const { history } = await read();
      const begun = history.slice(0, history.length - before).filter(({ event }) => event.startsWith(action));
      expect(begun).toHaveLength(1);
      if (action !== "rollback") return;
      const incidents = await state.transaction((session) => listIncidents(session, { limit: 10 }));
      expect(incidents).toHaveLength(1);
    },
  );

  it("tells an operator whose view is old which change came first, and does nothing", async () => {
    const { act, store, read } = await withCutover();
    await advanceTo(store, "canary", 20);
    const seen = await read();
    expect((await act("pause", { reason: "no changes before Monday", epoch: seen.epoch })).status).toBe(200);
    expect((await act("resume")).status).toBe(200);
    const forced = { isForced: true, reason: "a test", epoch: seen.epoch };
    const late = [
      await act("advance", forced),
      await act("advance", { canaryPercent: 50, epoch: seen.epoch }),
      await act("finish", forced),
      await act("cancel", { epoch: seen.epoch }),
      await act("start", { epoch: seen.epoch }),
    ];
    for (const answer of late) {
      expect([answer.status, await answer.text()]).toEqual([
        409,
        expect.stringMatching(/Another change came first: resume, by .*ragfood cutover status/),
      ]);
    }
    const { stage, canaryShare, epoch } = await read();
    expect([stage, canaryShare]).toEqual(["canary", 0.2]);
    expect((await act("advance", { canaryPercent: 50, epoch })).status).toBe(200);
    // It goes back from any view.
    expect((await act("rollback", { epoch: seen.epoch })).status).toBe(200);
  });

  it("does an action whole, or not at all, if its caller hangs up; repeated with the same view, it is done once", async () => {
    const { service, store, act, read } = await withCutover();
    await advanceTo(store, "dual-write");
    await quiet(store);
    const ready = async () => (await read()).gates.every(({ isOpen }) => isOpen);
    await expect.poll(ready).toBe(true);
    const { epoch } = await read();
    const hangUp = new AbortController();
    const sent = service.app.request("/api/cutover/advance", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ epoch }),
      signal: hangUp.signal,
    });
    hangUp.abort();
    await Promise.resolve(sent).catch(() => {});
    const again = await act("advance", { epoch });
    expect([200, 409]).toContain(again.status);
    const { stage, history } = await read();
    expect(stage).toBe("shadow-read");
    expect(history.filter(({ event }) => event === "advance: dual-write to shadow-read")).toHaveLength(1);
  });

  it("says that an outcome is unknown if the state store broke off, and not to send it blindly again", async () => {
    const { operator } = await withCutover();
    const start = operator.start.bind(operator);
    operator.start = async (...args) => {
      await start(...args);
      throw new StateError("unavailable", "The connection broke.", { mayHaveCommitted: true });
    };
    const service = await testService({ parts: { cutover: operator } });
    const answer = await service.post("/api/cutover/start", {});
    expect([answer.status, await jsonOf(answer)]).toMatchObject([
      504,
      { code: "outcome-unknown", hint: expect.stringContaining("GET /api/cutover") },
    ]);
  });

  it("says on a full disk that nothing was changed, and what to do", async () => {
    const { operator } = await withCutover();
    operator.pause = async () => {
      throw new StateError("storage", "The state in /srv/state.sqlite3 cannot be used: the disk is full.", {
        hint: "Free some space; what was stored is kept.",
        problem: "the disk is full",
      });
    };
    const service = await testService({ parts: { cutover: operator } });
    const answer = await service.post("/api/cutover/pause", {});
    const problem = await jsonOf<{ detail: string; hint: string }>(answer);
    expect([answer.status, problem.detail, problem.hint]).toEqual([
      503,
      "The state database of the service cannot be used: the disk is full. Nothing was stored.",
      "Free some space; what was stored is kept.",
    ]);
    expect(JSON.stringify(problem)).not.toContain("/srv");
  });
});
