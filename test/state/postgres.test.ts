import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { StateDatabase, StateSession } from "../../src/state/database.ts";
import { KeyRepository } from "../../src/state/keys.ts";
import { type PostgresAddress, parsePostgresUrl } from "../../src/state/postgres/address.ts";
import { openPostgresState } from "../../src/state/postgres/postgres.ts";
import { restoreSchema } from "../../src/state/postgres/restore.ts";
import { writeRows } from "../../src/state/rows.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { type PostgresServer, postgresObstacle, startPostgres } from "../helpers/postgres.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const migrations = [
  "CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL); INSERT INTO counters VALUES ('votes', 0);",
];
let schemas = 0;

describeUnless(postgresObstacle, "the state in PostgreSQL when things fail", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    // A server that may lose commits that it has acknowledged, unless a transaction asks for more.
    server = await startPostgres("synchronous_commit=off");
  });
  afterAll(() => server?.remove());

  async function open(schema = `faults_${++schemas}`): Promise<StateDatabase> {
    const state = await openPostgresState(parsePostgresUrl(server.url) as PostgresAddress, {
      schema,
      migrations,
    });
    onTestFinished(() => state.close());
    return state;
  }

  /** Ends the connections of the program, as a server does that fails over. @returns how many it ended */
  async function breakConnections(which = "TRUE"): Promise<number | null> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ragfood' AND ${which}`,
    );
    await client.end();
    return rowCount;
  }

  it("leaves connections to others while many transactions wait for a lock", async () => {
    const schema = `faults_${++schemas}`;
    const state = await open(schema);
    const votes = "SELECT value FROM counters";
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`BEGIN; LOCK TABLE "${schema}".counters IN SHARE ROW EXCLUSIVE MODE`);
    const waiting = Array.from({ length: 20 }, () =>
      state.transaction((session) => session.run("UPDATE counters SET value = value + 1"), {
        lockTable: "counters",
      }),
    );
    await expect
      .poll(async () => {
        const { rows } = await client.query("SELECT 1 FROM pg_locks WHERE NOT granted");
        return rows.length;
      })
      .toBe(2);
    // Later than all that wait.
    const read = await state.transaction((session) => session.get(votes), { readOnly: true });
    expect(read).toEqual({ value: 0 });
    await client.query("ROLLBACK");
    await client.end();
    await Promise.all(waiting);
    expect(await state.transaction((session) => session.get(votes))).toEqual({ value: 20 });
  });

  it("does not begin a transaction whose time is over before its turn at a lock", async () => {
    const state = await open();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holders = [0, 1].map(() => state.transaction(() => held, { lockTable: "counters" }));
    let hasBegun = false;
    const late = state.transaction(
      async () => {
        hasBegun = true;
      },
      { lockTable: "counters", timeoutMs: 50 },
    );
    await expect(late).rejects.toThrow("did not end within 50 ms");
    release();
    await Promise.all(holders);
    await state.transaction(async () => {}, { lockTable: "counters" });
    expect(hasBegun).toBe(false);
  });

  it("runs a transaction again whose connection broke before its commit", async () => {
    const state = await open();
    let attempts = 0;
    await state.transaction(async (session) => {
      await addVote(session);
      if (++attempts === 1) await breakConnections();
      await addVote(session);
    });
    expect([attempts, await votesOf(state)]).toEqual([2, 2]);
  });

  it("connects again after its idle connections broke", async () => {
    const state = await open();
    await Promise.all([state.transaction(addVote), state.transaction(addVote)]);
    await breakConnections();
    await state.transaction(addVote);
    expect(await votesOf(state)).toBe(3);
  });

  it("keeps what it acknowledged while the database is away and back, and fails quickly meanwhile", async () => {
    const state = await open();
    let acknowledged = 0;
    let uncertain = 0;
    let refused = 0;
    let isOver = false;
    const writers = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        try {
          await state.transaction(addVote);
          acknowledged++;
        } catch (error) {
          expect(error).toMatchObject({ code: "state", reason: "unavailable" });
          if ((error as { mayHaveCommitted: boolean }).mayHaveCommitted) uncertain++;
          else refused++;
          await wait(20);
        }
      }
    });
    await expect.poll(() => acknowledged).toBeGreaterThan(4);
    await server.kill();
    await expect.poll(() => refused).toBeGreaterThan(4);
    const [before, refusedBefore] = [acknowledged, refused];
    await expect.poll(() => refused).toBeGreaterThan(refusedBefore + 4);
    expect(acknowledged).toBe(before);
    await server.start();
    await expect.poll(() => acknowledged).toBeGreaterThan(before);
    isOver = true;
    await Promise.all(writers);
    const votes = await votesOf(state);
    expect(votes).toBeGreaterThanOrEqual(acknowledged);
    expect(votes).toBeLessThanOrEqual(acknowledged + uncertain);
  });

  it("reports a commit whose answer was lost as one that may have happened", async () => {
    const state = await open();
    const committed = state.transaction(async (session) => {
      await addVote(session);
      // The commit waits for this lock, and its connection breaks while it waits.
      await session.run("CREATE TABLE checked (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)");
      await session.run(
        "CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NULL; END'",
      );
      await session.run(
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON checked DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pause()",
      );
      await session.run("INSERT INTO checked VALUES (1)");
    });
    const isLost = expect(committed).rejects.toMatchObject({
      reason: "unavailable",
      mayHaveCommitted: true,
      isRetryable: false,
    });
    await expect.poll(() => breakConnections("state = 'active' AND query LIKE 'COMMIT%'")).toBe(1);
    await isLost;
  });

  it("ends a statement at the time limit also on the server", async () => {
    const state = await open();
    const slow = state.transaction((session) => session.get("SELECT pg_sleep(30)"), { timeoutMs: 200 });
    await expect(slow).rejects.toMatchObject({ reason: "unavailable" });
    const running = () =>
      state.transaction((session) =>
        session.all(
          "SELECT 1 AS one FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'",
        ),
      );
    await expect.poll(running).toEqual([]);
  });

  it("says what to do about a wrong password, an unknown database and a server that is not there", async () => {
    const address = parsePostgresUrl(server.url) as PostgresAddress;
    const fail = (changes: Partial<PostgresAddress>) => openPostgresState({ ...address, ...changes });
    await expect(fail({ database: "missing" })).rejects.toMatchObject({
      reason: "storage",
      hint: expect.stringContaining("Create the database"),
    });
    await expect(fail({ user: "nobody_here" })).rejects.toMatchObject({
      reason: "storage",
      hint: expect.stringContaining("user and the password"),
    });
    await expect(fail({ port: 9, password: "a-long-password-1234" })).rejects.toSatisfy(
      (error: Error) =>
        !`${error.message}`.includes("a-long-password") && error.message.includes("ECONNREFUSED"),
    );
    await expect(fail({ tls: "require" })).rejects.toThrow("does not support SSL");
  });

  it("restores a copy in place of a state, which goes to a schema of its own, while a replica serves", async () => {
    const address = parsePostgresUrl(server.url) as PostgresAddress;
    const state = await openPostgresState(address, { schema: "restored" });
    onTestFinished(() => state.close());
    const keys = new KeyRepository(state);
    const { token } = await keys.create({ name: "a", scopes: ["read"], namespaces: undefined });
    const file = join(temporaryDirectory(), "rows");
    await writeRows(state, file);
    await keys.create({ name: "made later", scopes: ["read"], namespaces: undefined });
    const options = { schema: "restored", replace: false };
    await expect(restoreSchema(address, file, options)).rejects.toThrow("Nothing was changed");
    const { aside, rowCount } = await restoreSchema(address, file, { ...options, replace: true });
    expect([rowCount, aside]).toEqual([2, expect.stringMatching(/^schema restored_replaced_\d{8}t\d{6}z$/)]);
    expect((await keys.list()).map(({ name }) => name)).toEqual(["a"]);
    expect((await keys.verify(token)).status).toBe("valid");
  });

  it("uses tables that exist with a user who may not create any", async () => {
    await open("shared");
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(
      "CREATE USER guest; GRANT USAGE ON SCHEMA shared TO guest; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shared TO guest",
    );
    await client.end();
    const address = { ...(parsePostgresUrl(server.url) as PostgresAddress), user: "guest" };
    const state = await openPostgresState(address, { schema: "shared", migrations });
    onTestFinished(() => state.close());
    await state.transaction(addVote);
    expect(await votesOf(state)).toBe(1);
    await expect(openPostgresState(address, { schema: "other", migrations })).rejects.toMatchObject({
      reason: "storage",
      hint: expect.stringContaining("right to create a schema"),
    });
  });
});

describe("the address of PostgreSQL", () => {
  it.each([
    "postgres://ragfood:secret@db.example/ragfood",
    "postgres://db.example/ragfood?sslmode=prefer",
    "postgresql://10.0.0.7:5433/ragfood?sslmode=disable",
  ])("is refused on another machine without TLS (SEC-3): %s", (url) => {
    expect(parsePostgresUrl(url)).toEqual({ problem: expect.stringContaining("unencrypted to") });
  });

  it.each([
    ["postgres://db.example/ragfood?sslmode=require", "require"],
    ["postgres://db.example/ragfood?sslmode=verify-full&sslrootcert=/etc/ca.pem", "verify-full"],
    ["postgres://localhost/ragfood", "none"],
    ["postgres://[::1]/ragfood", "none"],
    ["postgres:///ragfood?host=/var/run/postgresql", "none"],
  ])("is taken with TLS, or on this machine: %s", (url, tls) => {
    expect(parsePostgresUrl(url)).toMatchObject({ tls, database: "ragfood" });
  });

  it.each([
    ["http://localhost/ragfood", "has to be a URL like"],
    ["postgres://localhost", "name a host and a database"],
    ["postgres://localhost/ragfood?target_session_attrs=any", "parameter target_session_attrs"],
    ["postgres://one,two/ragfood?sslmode=require", "several hosts"],
    ["postgres://u:100%@localhost/ragfood", "write a % as %25"],
    ["postgres://db.example/ragfood?sslmode=on", "sslmode=on"],
  ])("is refused with the reason: %s", (url, problem) => {
    expect(parsePostgresUrl(url)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

async function addVote(session: StateSession): Promise<void> {
  await session.run("UPDATE counters SET value = value + 1 WHERE name = ?", "votes");
}

async function votesOf(state: StateDatabase): Promise<number | undefined> {
  const row = await state.transaction((session) =>
    session.get<{ value: number }>("SELECT value FROM counters"),
  );
  return row?.value;
}
