import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { CancelledError } from "../../src/foundation/errors.ts";
import { listAlerts } from "../../src/state/alerts.ts";
import type { StateDatabase, StateSession } from "../../src/state/database.ts";
import { listIncidents, openIncident } from "../../src/state/incidents.ts";
import { nextSequence } from "../../src/state/sequences.ts";
import { StateError } from "../../src/state/state-error.ts";
import { describeOnEachStore, type OpenStateOptions } from "./contract.ts";

const schema: OpenStateOptions = {
  migrations: [
    `CREATE TABLE sequences (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
     CREATE TABLE values_of_each_type (id TEXT PRIMARY KEY, number BIGINT, fraction DOUBLE PRECISION, bytes BYTEA);
     CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
     INSERT INTO counters (name, value) VALUES ('votes', 0);`,
  ],
};

async function votesOf(state: StateDatabase): Promise<number | undefined> {
  const row = await state.transaction(
    (session) => session.get<{ value: number }>("SELECT value FROM counters WHERE name = ?", "votes"),
    { readOnly: true },
  );
  return row?.value;
}

/** Reads, waits, writes what it read plus one: loses updates unless transactions are serializable. */
async function addVote(session: StateSession): Promise<void> {
  const row = await session.get<{ value: number }>("SELECT value FROM counters WHERE name = ?", "votes");
  await wait(1);
  await session.run("UPDATE counters SET value = ? WHERE name = ?", (row?.value ?? 0) + 1, "votes");
}

describeOnEachStore("the state store", (create) => {
  it("returns each type of value as it was stored", async () => {
    const state = await create().open(schema);
    const bytes = new Uint8Array([0, 1, 255]);
    const read = await state.transaction(async (session) => {
      const statement = "INSERT INTO values_of_each_type (id, number, fraction, bytes) VALUES (?, ?, ?, ?)";
      await session.run(statement, "what's it? 🍛", 2 ** 53 - 1, 0.1, bytes);
      await session.run(statement, "nothing", null, null, null);
      return session.all("SELECT * FROM values_of_each_type ORDER BY number IS NULL");
    });
    expect(read.map((row) => ({ ...row, bytes: row.bytes && [...(row.bytes as Uint8Array)] }))).toEqual([
      { id: "what's it? 🍛", number: 2 ** 53 - 1, fraction: 0.1, bytes: [0, 1, 255] },
      { id: "nothing", number: null, fraction: null, bytes: null },
    ]);
  });

  it.each(["a\0b", "half \ud83c", Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a value that a store would change silently: %j",
    async (value) => {
      const state = await create().open(schema);
      const stored = state.transaction((session) =>
        session.run("INSERT INTO values_of_each_type (id, number) VALUES (?, ?)", "a", value),
      );
      await expect(stored).rejects.toThrow("cannot be stored");
    },
  );

  it("takes a question mark inside quotes and comments as text", async () => {
    const state = await create().open(schema);
    const row = await state.transaction((session) =>
      session.get(
        "SELECT 'who''s ?' AS text, value AS \"a?\" /* ? */ FROM counters WHERE name = ? -- ?",
        "votes",
      ),
    );
    expect({ ...row }).toEqual({ text: "who's ?", "a?": 0 });
  });

  it("counts the rows that a statement changed", async () => {
    const state = await create().open(schema);
    const counts = await state.transaction(async (session) => [
      await session.run("UPDATE counters SET value = 1 WHERE name = ?", "votes"),
      await session.run("UPDATE counters SET value = 1 WHERE name = ?", "missing"),
      await session.run("DELETE FROM counters"),
    ]);
    expect(counts).toEqual([1, 0, 1]);
  });

  it("undoes a transaction whose work fails", async () => {
    const state = await create().open(schema);
    const failing = state.transaction(async (session) => {
      await addVote(session);
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    expect(await votesOf(state)).toBe(0);
  });

  it("returns a failure of the work as it is, without another attempt", async () => {
    const state = await create().open(schema);
    let attempts = 0;
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const failing = state.transaction(async (session) => {
      attempts++;
      await addVote(session);
      throw full;
    });
    await expect(failing).rejects.toBe(full);
    expect([attempts, await votesOf(state)]).toEqual([1, 0]);
  });

  it("undoes a transaction after a statement that failed, and works afterwards", async () => {
    const state = await create().open(schema);
    const failing = state.transaction(async (session) => {
      await addVote(session);
      await session.run("INSERT INTO counters (name, value) VALUES (?, ?)", "votes", 1);
    });
    await expect(failing).rejects.toThrow();
    await state.transaction(addVote);
    expect(await votesOf(state)).toBe(1);
  });

  it("loses no update of concurrent transactions in one process", async () => {
    const state = await create().open(schema);
    await Promise.all(Array.from({ length: 20 }, () => state.transaction(addVote)));
    expect(await votesOf(state)).toBe(20);
  });

  it("loses no update of concurrent transactions in two processes", async () => {
    const store = create();
    const states = [await store.open(schema), await store.open(schema)];
    await Promise.all(
      Array.from({ length: 20 }, (_, number) => (states[number % 2] as StateDatabase).transaction(addVote)),
    );
    expect(await votesOf(states[0] as StateDatabase)).toBe(20);
  });

  it("prevents write skew: two transactions that each read what the other writes", async () => {
    const store = create();
    const states = [await store.open(schema), await store.open(schema)] as const;
    await states[0].transaction((session) =>
      session.run("INSERT INTO counters (name, value) VALUES (?, ?), (?, ?)", "left", 1, "right", 1),
    );
    // Each may go to 0 only while the other is 1.
    const release = (name: string) => async (session: StateSession) => {
      const row = await session.get<{ sum: number }>(
        "SELECT SUM(value) AS sum FROM counters WHERE name IN (?, ?)",
        "left",
        "right",
      );
      await wait(5);
      if (row?.sum === 2) await session.run("UPDATE counters SET value = 0 WHERE name = ?", name);
    };
    await Promise.all([states[0].transaction(release("left")), states[1].transaction(release("right"))]);
    const left = await states[0].transaction((session) =>
      session.get<{ sum: number }>("SELECT SUM(value) AS sum FROM counters"),
    );
    expect(left?.sum).toBe(1);
  });

  it("numbers a sequence without a gap, and uses a number again that was rolled back", async () => {
    const store = create();
    const states = [await store.open(schema), await store.open(schema)] as const;
    const rolledBack = states[0].transaction(async (session) => {
      await nextSequence(session, "marks");
      throw new Error("no");
    });
    await expect(rolledBack).rejects.toThrow("no");
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        states[number % 2 === 0 ? 0 : 1].transaction((session) => nextSequence(session, "marks")),
      ),
    );
    expect(taken.sort((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("runs transactions that lock a table one after the other, without a second attempt", async () => {
    const store = create();
    const states = [await store.open(schema), await store.open(schema)] as const;
    let attempts = 0;
    await Promise.all(
      Array.from({ length: 16 }, (_, number) =>
        states[number % 2 === 0 ? 0 : 1].transaction(
          (session) => {
            attempts++;
            return addVote(session);
          },
          { lockTable: "counters" },
        ),
      ),
    );
    expect([await votesOf(states[0]), attempts]).toEqual([16, 16]);
  });

  it("commits nothing after a statement that failed, also if the work goes on", async () => {
    const state = await create().open(schema);
    const failing = state.transaction(async (session) => {
      await addVote(session);
      await session.run("INSERT INTO counters (name, value) VALUES (?, ?)", "votes", 1).catch(() => {});
    });
    await expect(failing).rejects.toThrow();
    expect(await votesOf(state)).toBe(0);
  });

  it("refuses a write in a transaction that only reads", async () => {
    const state = await create().open(schema);
    await expect(state.transaction(addVote, { readOnly: true })).rejects.toThrow();
    await state.transaction(addVote);
    expect(await votesOf(state)).toBe(1);
  });

  it("ends a transaction at its time limit, without its changes", async () => {
    const state = await create().open(schema);
    expect(await votesOf(state)).toBe(0);
    let session: StateSession | undefined;
    const endless = state.transaction(
      async (opened) => {
        session = opened;
        await addVote(opened);
        await wait(60_000, undefined, { ref: false });
      },
      { timeoutMs: 1_000 },
    );
    await expect(endless).rejects.toMatchObject({ reason: "unavailable", isRetryable: true });
    await expect((session as StateSession).all("SELECT 1")).rejects.toThrow("has ended");
    expect(await votesOf(state)).toBe(0);
  });

  it("ends a transaction when its caller gives up", async () => {
    const state = await create().open(schema);
    const cancellation = new AbortController();
    const cancelled = state.transaction(
      async (session) => {
        await addVote(session);
        cancellation.abort();
        await wait(60_000, undefined, { ref: false });
      },
      { signal: cancellation.signal },
    );
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    await expect(state.transaction(addVote, { signal: cancellation.signal })).rejects.toBeInstanceOf(
      CancelledError,
    );
    expect(await votesOf(state)).toBe(0);
  });

  it("refuses a transaction inside another one, which would wait for itself", async () => {
    const state = await create().open(schema);
    await expect(state.transaction(() => state.transaction(addVote))).rejects.toThrow("inside another one");
  });

  it("waits at close for the transactions that are running, and refuses later ones", async () => {
    const store = create();
    const [state, other] = [await store.open(schema), await store.open(schema)];
    const running = state.transaction(addVote);
    await Promise.all([state.close(), running]);
    await expect(state.transaction(addVote)).rejects.toMatchObject({ reason: "closed" });
    expect(await votesOf(other)).toBe(1);
  });

  it("gives the time by the store's clock", async () => {
    const store = create();
    const before = Date.now();
    const now = await (await store.open(schema)).transaction((session) => session.now());
    expect(Math.abs(now - before)).toBeLessThan(60_000);
    const fixed = await store.open({ ...schema, now: () => 1_000 });
    expect(await fixed.transaction((session) => session.now())).toBe(1_000);
  });

  it("creates the tables once if two processes start at the same time", async () => {
    const store = create();
    const states = await Promise.all(Array.from({ length: 4 }, () => store.open(schema)));
    await Promise.all(states.map((state) => state.transaction(addVote)));
    expect(await votesOf(states[0] as StateDatabase)).toBe(4);
  });

  it("brings the tables of an earlier version up to date and keeps what they hold", async () => {
    const store = create();
    await (await store.open(schema)).transaction(addVote);
    const later = [...(schema.migrations as string[]), "ALTER TABLE counters ADD COLUMN unit TEXT"];
    const upgraded = await Promise.all([
      store.open({ migrations: later }),
      store.open({ migrations: later }),
    ]);
    const row = await upgraded[1]?.transaction((session) => session.get("SELECT * FROM counters"));
    expect({ ...row }).toEqual({ name: "votes", value: 1, unit: null });
  });

  it("adds columns that came to a table before the first release, and keeps its rows", async () => {
    const store = create();
    const early = await store.open();
    const incident = await early.transaction(async (session) => {
      const opened = await openIncident(session, { kind: "rollback", title: "slow" });
      await session.run("ALTER TABLE incidents DROP COLUMN is_kept");
      await session.run("ALTER TABLE incidents DROP COLUMN notes");
      await session.run("ALTER TABLE alerts DROP COLUMN acknowledgement");
      return opened;
    });
    const opened = await Promise.all([store.open(), store.open()]);
    for (const state of opened) expect(await state.transaction((session) => listAlerts(session))).toEqual([]);
    for (const state of opened)
      expect(await state.transaction((session) => listIncidents(session))).toEqual([incident]);
  });

  it("refuses tables that lack other columns at once, and names them", async () => {
    const store = create();
    const early = await store.open();
    await early.transaction((session) => session.run("ALTER TABLE incidents DROP COLUMN title"));
    await expect(store.open()).rejects.toMatchObject({
      reason: "version",
      message: expect.stringContaining("it lacks incidents.title. Nothing was changed."),
    });
  });

  it("refuses tables of a later version, and says what to do", async () => {
    const store = create();
    await store.open({ migrations: [...(schema.migrations as string[]), "CREATE TABLE extra (id TEXT)"] });
    const refused = store.open(schema);
    await expect(refused).rejects.toBeInstanceOf(StateError);
    await expect(refused).rejects.toMatchObject({
      reason: "version",
      message: expect.stringContaining("has version 2; this ragfood knows 1"),
      hint: expect.stringContaining("newer one on every replica"),
    });
  });
});
