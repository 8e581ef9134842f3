import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EvidenceStore } from "../../src/cutover/watch/evidence-store.ts";
import { defaultSettings, type IndexSettings, startEmulator } from "../../src/embedded/index.ts";
import { type Binding, initialControl } from "../../src/state/cutover/rows.ts";
import { SqlCutoverRows } from "../../src/state/cutover/sql-rows.ts";
import type { StateDatabase } from "../../src/state/database.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { deadAddress, startServer } from "../helpers/http-server.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { denseSettings } from "../store/policies/stores.ts";

const environment = {
  STORE: "embedded",
  CUTOVER_TO: "upstash",
  UPSTASH_VECTOR_REST_URL: "https://example-us1-vector.upstash.io",
  UPSTASH_VECTOR_REST_TOKEN: "token-of-an-index-that-is-not-called",
};

async function withState(directory: string, action: (state: StateDatabase) => Promise<void>): Promise<void> {
  mkdirSync(join(directory, ".ragfood"), { recursive: true });
  const state = openSqliteState(join(directory, ".ragfood", "state.sqlite3"));
  await action(state);
  await state.close();
}

/** The stage `target`, some time after the change of the leader. */
function leadWithTarget(directory: string, binding?: Binding): Promise<void> {
  return withState(directory, (state) =>
    state.transaction((session) =>
      new SqlCutoverRows(session, "main").saveControl({
        ...initialControl,
        stage: "target",
        leader: "target",
        isRecording: true,
        isStartComplete: true,
        level: "level",
        confirmedAt: 0,
        binding,
      }),
    ),
  );
}

/** A comparison of the stores without a difference. */
function compared(directory: string): Promise<void> {
  return withState(directory, async (state) => {
    const whole = { isWhole: true, startEpoch: 0, beganAt: Date.now(), missed: [], listed: [] };
    const found = { ...whole, checked: 3, total: 3, differences: 0 };
    await new EvidenceStore(state, "main").saveIntegrity(found, undefined, 60_000);
  });
}

/** The settings with a served index as the target. */
async function served(settings: IndexSettings = defaultSettings) {
  const emulator = await startEmulator({ settings });
  onTestFinished(() => emulator.close());
  return {
    ...environment,
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
  };
}

describe("ragfood cutover (CUT-1, CUT-2)", () => {
  it("starts, refuses what is not ready, rolls back, and keeps the history", async () => {
    const directory = temporaryDirectory();
    const environment = await served();
    const cutover = (...words: string[]) => runHere(["cutover", ...words], { directory, environment });
    expect((await cutover()).out).toContain("Stage: source (source leads)");
    const started = await cutover("start", "--reason", "change 4711");
    expect([started.code, started.error]).toEqual([0, expect.stringContaining("keep a backup")]);
    expect(started.out).toContain("Stage: dual-write");
    const advanced = await cutover("advance");
    // Nothing serves, so that waiting does not help.
    const notYet = "No process that serves is running. Start one with these settings: ragfood serve.";
    expect([advanced.code, advanced.out]).toEqual([
      1,
      expect.stringContaining(
        `  not yet: ${notYet}\n  not yet: The target does not hold every record yet.\n`,
      ),
    ]);
    expect((await cutover("rollback", "--json")).code).toBe(0);
    // Somebody who comes back does not take it for a cutover that has not begun.
    expect((await cutover("advance")).out).toMatch(
      /^Rolled back from dual-write at [\d-]+ \d\d:\d\d UTC by \S+\. Its report: ragfood incidents\nNothing was changed:\n/,
    );
    expect((await cutover("cancel")).code).toBe(1);
    expect((await cutover("finish")).out).toContain("Nothing was changed");
    expect(advanced.out).toMatch(/^Nothing was changed: not everything is ready, see below\./);
    // What is missing is said once.
    expect(advanced.out.match(/does not hold every record/g)).toHaveLength(1);
    const { changes } = JSON.parse((await cutover("history", "--json")).out);
    expect(changes).toMatchObject([
      { event: "rollback", from: "dual-write", to: "source" },
      { event: "start", from: "source", to: "dual-write", reason: "change 4711" },
    ]);
    expect((await cutover("history")).out).toContain("start: source to dual-write");
  });

  it("does nothing for an operator whose view is old, says what came first, and goes back only if that is meant", async () => {
    const directory = temporaryDirectory();
    const environment = await served();
    const cutover = (...words: string[]) => runHere(["cutover", ...words], { directory, environment });
    expect((await cutover()).out).toContain("Stage: source (source leads), epoch 1\n");
    expect((await cutover("start", "--epoch", "1")).code).toBe(0);
    expect((await cutover("pause", "--epoch", "2", "--reason", "no changes before Monday")).code).toBe(0);
    expect((await cutover("resume", "--epoch", "3")).code).toBe(0);
    for (const action of ["start", "advance", "rollback", "cancel", "pause", "resume", "finish"]) {
      const { code, out } = await cutover(action, "--epoch", "2");
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(
          /^Nothing was changed:\n {2}Another change came first: resume, by \S+, after pause, by \S+ \(no changes before Monday\)\. The epoch is 4 now, and was 2\..*ragfood cutover status\.\n/,
        ),
      ]);
      expect(out.includes("ragfood cutover rollback, without --epoch")).toBe(action === "rollback");
    }
    expect((await cutover("advance", "--epoch", "40")).out).toContain("Epoch 40 has not been reached");
    expect((await cutover()).out).toContain("Stage: dual-write (source leads), epoch 4\n");
    expect((await cutover("rollback", "--epoch", "4")).code).toBe(0);
  });

  it("a rollback whose incident waits for a person, who notes something and closes it (CUT-2)", async () => {
    const directory = temporaryDirectory();
    const environment = await served();
    const ragfood = (...words: string[]) => runHere(words, { directory, environment });
    await ragfood("cutover", "start");
    expect((await ragfood("cutover", "rollback", "--keep-open")).code).toBe(0);
    const { incidents } = JSON.parse((await ragfood("incidents", "--json")).out);
    expect(incidents).toMatchObject([{ isKept: true, closedAt: null }]);
    const { id } = incidents[0];
    const closed = await ragfood("incidents", id.slice(0, 8), "--close", "--note", "new token", "--json");
    expect(JSON.parse(closed.out)).toMatchObject({ id, isKept: false, closedAt: expect.any(String) });
    expect(closed.out).toContain("new token");
    const misused = await ragfood("incidents", "--close");
    expect([misused.code, misused.error]).toEqual([2, expect.stringContaining("--close needs the incident")]);
  });

  it("compares nothing in empty stores, and says no share of it", async () => {
    const directory = temporaryDirectory();
    const environment = await served();
    const { code, out, error } = await runHere(["cutover", "verify"], { directory, environment });
    expect([code, out]).toEqual([1, expect.stringContaining("0 records compared")]);
    expect(error).not.toContain("%");
  });

  it.each(["start", "rehearse"])(
    "%s refuses a target that does not take the records (VEC-1)",
    async (word) => {
      const directory = temporaryDirectory();
      const environment = await served(denseSettings);
      const { code, error } = await runHere(["cutover", word], { directory, environment });
      expect([code, error]).toEqual([
        1,
        expect.stringMatching(
          /The target has no embedding model.*Nothing was changed\.\nCreate the target with a model/,
        ),
      ]);
      const { out } = await runHere(["cutover"], { directory, environment });
      expect(out).toContain("Stage: source");
    },
  );

  it("says that nothing was changed if a store does not answer at the start", async () => {
    const directory = temporaryDirectory();
    const url = "http://127.0.0.1:9";
    const { code, error } = await runHere(["cutover", "start"], {
      directory,
      environment: { ...environment, UPSTASH_VECTOR_REST_URL: url, REQUEST_RETRIES: "0" },
    });
    expect([code, error]).toEqual([
      1,
      expect.stringContaining("Nothing was changed: a start needs both stores"),
    ]);
  });

  it("finishes with an archive only after a confirmation, and removes nothing if it cannot finish (CUT-4)", async () => {
    const directory = temporaryDirectory();
    const finish = (...words: string[]) =>
      runHere(["cutover", "finish", "--archive", "chroma_db", ...words], { directory, environment });
    expect((await finish("--yes")).error).toContain("chroma_db does not exist");
    mkdirSync(join(directory, "chroma_db"));
    expect((await finish("--yes")).error).toContain("chroma_db is empty, so it is not archived");
    writeFileSync(join(directory, "chroma_db", "chroma.sqlite3"), "records");
    const asked = await finish();
    expect([asked.code, asked.error]).toEqual([2, expect.stringContaining("Confirm it with --yes.")]);
    expect((await finish("--yes")).code).toBe(1);
    expect(existsSync(join(directory, "chroma_db"))).toBe(true);
  });

  it("archives the source with its checksum in BACKUP_DIR, only after a comparison without a difference (CUT-4)", async () => {
    const directory = temporaryDirectory();
    await leadWithTarget(directory);
    mkdirSync(join(directory, "chroma_db"));
    writeFileSync(join(directory, "chroma_db", "chroma.sqlite3"), "records");
    const finish = async () =>
      await runHere(
        ["cutover", "finish", "--archive", "chroma_db", "--yes", "--force", "--reason", "a test", "--json"],
        { directory, environment: { ...environment, BACKUP_DIR: "kept" } },
      );
    const early = await finish();
    expect([early.code, early.out]).toEqual([2, expect.stringContaining("ragfood cutover verify")]);
    await compared(directory);
    const { code, out } = await finish();
    const { archive, status } = JSON.parse(out);
    expect([code, status.control.stage, status.history[0].evidence.isForced]).toEqual([
      0,
      "target-only",
      true,
    ]);
    expect(existsSync(join(directory, "chroma_db"))).toBe(false);
    expect(readFileSync(join(directory, archive.checksumFile), "utf8")).toContain(archive.checksum);
    expect(archive.path).toMatch(/^kept\/chroma_db-/);
    // An archive that failed after the end of the cutover can be made later.
    mkdirSync(join(directory, "chroma_db"));
    writeFileSync(join(directory, "chroma_db", "chroma.sqlite3"), "others");
    expect((await finish()).code).toBe(0);
    expect(existsSync(join(directory, "chroma_db"))).toBe(false);
  });

  it("does not end for an archive that has no place, and says that it has ended if the archive fails (CUT-4)", async () => {
    const directory = temporaryDirectory();
    await leadWithTarget(directory);
    await compared(directory);
    mkdirSync(join(directory, "chroma_db"));
    for (const name of ["chroma.sqlite3", "chroma.sqlite3-journal"])
      writeFileSync(join(directory, "chroma_db", name), "records");
    writeFileSync(join(directory, "file"), "");
    const words = "cutover finish --archive chroma_db --yes --force --reason test".split(" ");
    const finish = (BACKUP_DIR: string) =>
      runHere(words, { directory, environment: { ...environment, BACKUP_DIR } });
    const stage = async () => (await runHere(["cutover"], { directory, environment })).out;
    const early = await finish("file/archives");
    expect([early.code, early.error]).toEqual([1, expect.stringContaining("the cutover has not ended")]);
    expect(await stage()).toContain("Stage: target (");
    const late = await finish("archives");
    expect([late.code, late.error]).toEqual([
      1,
      expect.stringMatching(/has ended; chroma_db is kept as it was. .*finish --archive chroma_db/),
    ]);
    expect(await stage()).toContain("Stage: target-only");
    expect(readdirSync(join(directory, "chroma_db"))).toHaveLength(2);
  });

  it("archives the directory of a Chroma server only after it has stopped (CUT-4)", async () => {
    const directory = temporaryDirectory();
    await leadWithTarget(directory);
    await compared(directory);
    mkdirSync(join(directory, "chroma_db"));
    writeFileSync(join(directory, "chroma_db", "chroma.sqlite3"), "records");
    const chroma = { url: (await startServer((_, response) => response.end("{}"))).url };
    const finish = (...words: string[]) =>
      runHere(["cutover", "finish", "--force", "--reason", "a test", ...words], {
        directory,
        environment: { ...environment, STORE: "chroma", CHROMA_URL: chroma.url },
      });
    const early = await finish("--archive", "chroma_db", "--yes");
    expect([early.code, early.error]).toEqual([
      2,
      expect.stringMatching(
        /Chroma answers at .* Nothing was changed\.\nRun: ragfood cutover finish\. Then stop/,
      ),
    ]);
    expect((await finish()).out).toContain("Next: set STORE=upstash, remove CUTOVER_TO");
    expect((await finish("--archive", "chroma_db", "--yes")).error).toContain("Stop Chroma, and run this");
    expect(existsSync(join(directory, "chroma_db"))).toBe(true);
    chroma.url = await deadAddress();
    expect((await finish("--archive", "chroma_db", "--yes")).code).toBe(0);
    expect(existsSync(join(directory, "chroma_db"))).toBe(false);
  });

  it("archives nothing if the cutover ended without a comparison (CUT-4)", async () => {
    const directory = temporaryDirectory();
    await leadWithTarget(directory);
    mkdirSync(join(directory, "chroma_db"));
    writeFileSync(join(directory, "chroma_db", "chroma.sqlite3"), "records");
    const finish = (...words: string[]) =>
      runHere(["cutover", "finish", ...words], { directory, environment });
    expect((await finish("--force", "--reason", "a test")).code).toBe(0);
    const later = await finish("--archive", "chroma_db", "--yes");
    expect([later.code, later.error]).toEqual([
      2,
      expect.stringContaining("ragfood backup create chroma_db"),
    ]);
    expect(existsSync(join(directory, "chroma_db"))).toBe(true);
  });

  describe("a command that writes one store alone is refused while a cutover of it is under way (CUT-3)", () => {
    /** A project with an index, a migration's source, and a cutover in the stage `target`. */
    async function underWay() {
      const directory = temporaryDirectory();
      const source = join(directory, ".ragfood", "index.sqlite");
      writeFileSync(join(directory, "foods.json"), JSON.stringify([{ id: "pho", text: "a noodle soup" }]));
      for (const words of ["ingest foods.json", "dump export embedded foods.dump"]) {
        expect((await runHere(words.split(" "), { directory, environment: alone })).code).toBe(0);
      }
      await leadWithTarget(directory, { source, target: environment.UPSTASH_VECTOR_REST_URL });
      return { directory, source };
    }

    const alone = { STORE: "embedded" };
    const refusal = /A cutover from \S+ to \S+ is under way \(stage target\)/;

    it.each([
      ["migrate import", ["migrate", "import", "--from", "dump:foods.dump", "--to", "embedded"]],
      ["migrate repair", ["migrate", "repair", "--from", "dump:foods.dump", "--to", "embedded"]],
      ["backup restore index", ["backup", "restore", "index", "--replace"]],
      ["index restore", ["index", "restore", "copy.sqlite", "--overwrite"]],
      ["index repair", ["index", "repair"]],
      ["emulator", ["emulator", "--port", "0"]],
    ])("%s, with the settings of the cutover and without", async (_, words) => {
      const { directory, source } = await underWay();
      writeFileSync(join(directory, "copy.sqlite"), readFileSync(source));
      const before = readFileSync(source);
      for (const given of [environment, alone]) {
        const { code, error } = await runHere(words, { directory, environment: given });
        expect([code, error]).toEqual([2, expect.stringMatching(refusal)]);
        expect(error).toContain("ragfood cutover rollback");
      }
      expect(readFileSync(source).equals(before)).toBe(true);
    });

    it("migrate run, whose first phase says it, before anything is exported", async () => {
      const { directory } = await underWay();
      const words = ["migrate", "run", "--from", "dump:foods.dump", "--to", "embedded"];
      const { code, out } = await runHere(words, { directory, environment });
      expect([code, out]).toEqual([1, expect.stringMatching(refusal)]);
      expect(out).not.toContain("import");
    });

    it("backup restore state, which would lose the stage and the writes in the outbox", async () => {
      const { directory } = await underWay();
      const words = ["backup", "restore", "state", "--replace"];
      const { code, error } = await runHere(words, { directory, environment });
      expect([code, error]).toEqual([2, expect.stringContaining("a restore would lose them")]);
      // One that cannot be read is not in the way.
      writeFileSync(join(directory, ".ragfood", "state.sqlite3"), "damaged");
      expect((await runHere(words, { directory, environment })).error).toContain("There is no backup of");
    });

    it("and an index in another directory is free", async () => {
      const { directory } = await underWay();
      const words = ["migrate", "import", "--from", "dump:foods.dump", "--to", "embedded:other"];
      expect((await runHere(words, { directory, environment })).code).toBe(0);
    });
  });

  it("says what to start if no process copies, and keeps pauses in the history", async () => {
    const directory = temporaryDirectory();
    const environment = await served();
    const cutover = (...words: string[]) => runHere(["cutover", ...words], { directory, environment });
    expect((await cutover()).out).toContain("Next: ragfood cutover start");
    await cutover("start");
    expect((await cutover("advance")).out).toContain("ragfood serve");
    expect((await cutover("pause", "--reason", "not before Monday")).out).toContain("Paused by");
    expect((await cutover("history")).out).toMatch(/ {2}pause, by \w+: not before Monday\n/);
  });

  it("shows a fault that concerns many records in one line, and others record by record", async () => {
    const directory = temporaryDirectory();
    const claim = (id: string, attempts: number, reason: string) => ({
      ...{ namespace: "", owner: "", expires: 0, retryAt: 0 },
      ...{ id, attempts, reason },
    });
    await leadWithTarget(directory);
    await withState(directory, (state) =>
      state.transaction(async (session) => {
        const claims = Array.from({ length: 30 }, (_, place) =>
          claim(`food-${place}`, 1 + (place % 8), "upstash: Unauthorized: Invalid auth token"),
        );
        await new SqlCutoverRows(session, "main").saveClaims([
          ...claims,
          claim("pho", 1, "upstash: Metadata is too large"),
        ]);
      }),
    );
    const { out } = await runHere(["cutover"], { directory, environment });
    expect(out.match(/failed: .*/g)).toEqual([
      "failed: upstash: Unauthorized: Invalid auth token. Find the cause: ragfood doctor",
      "failed: upstash: Metadata is too large",
    ]);
    expect(out).toContain("30 records wait, the first write for 0.0 s: 8 attempts failed");
    expect(out).toContain("Record pho: 1 attempt failed");
  });

  it("a rehearsal that is stopped says so, and nothing unforeseen", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "foods.json"), JSON.stringify([{ id: "pho", text: "a noodle soup" }]));
    await runHere(["ingest", "foods.json"], { directory, environment: { STORE: "embedded" } });
    const controller = new AbortController();
    const { signal } = controller;
    const onOutput = (text: string) => /^ +\d+\.\d s /.test(text) && controller.abort();
    // With a target that answers: nothing but the signal ends it.
    const options = { directory, environment: await served(), signal, onOutput };
    const { code, error } = await runHere(["cutover", "rehearse"], options);
    expect([code, error]).toEqual([130, expect.stringContaining("Cancelled.")]);
  });

  it("needs a store to move to", async () => {
    const { code, error } = await runHere(["cutover"], { directory: temporaryDirectory() });
    expect([code, error]).toEqual([2, expect.stringContaining("CUTOVER_TO=upstash")]);
  });
});
