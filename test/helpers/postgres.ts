import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { initdb } from "./tools.ts";

/** A PostgreSQL server of the tests, on this machine alone. */
export interface PostgresServer {
  /** `postgres://postgres@127.0.0.1:<port>/postgres` */
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash does: connections break, nothing is said to clients. */
  kill(): Promise<void>;
  /** Starts it after `kill`, on the same port with what was committed. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** Why tests on PostgreSQL are not run here, for their titles; `undefined` if they are. */
export const postgresObstacle: string | undefined = initdb.obstacle;

/** The data need not survive this machine, only the death of the server. */
const settings = ["fsync=off", "full_page_writes=off"];

/**
 * Creates and starts a server (under a second). Call it once in a file, in `beforeAll`, and `remove` in
 * `afterAll`.
 */
export async function startPostgres(...extraSettings: readonly string[]): Promise<PostgresServer> {
  if (initdb.path === undefined) throw new Error(initdb.obstacle);
  const programs = dirname(initdb.path);
  const owner = ownerOfServer();
  const directory = mkdtempSync(join(tmpdir(), "ragfood-postgres-"));
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
  const data = join(directory, "data");
  run("cp", ["-r", templateOf(initdb.path, owner), data], owner);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const all = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${directory}`,
    ...settings,
  ];
  let server: ChildProcess | undefined;
  const end = () => server?.kill("SIGQUIT");
  process.on("exit", end);

  const start = async () => {
    const words = [...all, ...extraSettings].flatMap((setting) => ["-c", setting]);
    const started = spawn(join(programs, "postgres"), ["-D", data, ...words], {
      ...owner,
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    started.stderr?.on("data", (piece: Buffer) => {
      log = (log + piece.toString()).slice(-4_096);
    });
    server = started;
    while (!(await answers(url))) {
      if (started.exitCode !== null) throw new Error(`PostgreSQL did not start: ${log}`);
      await wait(20);
    }
  };
  const kill = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    // An immediate shutdown: no transaction is finished, no client is waited for.
    server.kill("SIGQUIT");
    await exited;
  };
  const remove = async () => {
    await kill();
    process.off("exit", end);
    rmSync(directory, { recursive: true, force: true });
  };
  await start();
  return { url, port, kill, start, remove };
}

/** An empty cluster, made once on a machine: making one takes longer than a copy. @returns its directory */
function templateOf(program: string, owner: Owner | undefined): string {
  const name = program.replaceAll(/[^\d.]+/g, "-");
  const template = join(
    tmpdir(),
    `ragfood-postgres-template${name}${owner?.uid ?? process.getuid?.() ?? ""}`,
  );
  if (existsSync(join(template, "PG_VERSION"))) return template;
  const draft = mkdtempSync(`${template}-`);
  if (owner !== undefined) chownSync(draft, owner.uid, owner.gid);
  run(
    program,
    ["-D", draft, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"],
    owner,
  );
  try {
    renameSync(draft, template);
  } catch {
    // Another test file was faster.
    rmSync(draft, { recursive: true, force: true });
  }
  return template;
}

function run(program: string, words: readonly string[], owner: Owner | undefined): void {
  const { status, stderr } = spawnSync(program, words, { ...owner, encoding: "utf8", cwd: tmpdir() });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Gives a file to the user of the server, so that it takes it for its private key. */
export function giveToServer(file: string): void {
  chmodSync(file, 0o600);
  const owner = ownerOfServer();
  if (owner !== undefined) chownSync(file, owner.uid, owner.gid);
}

/** The server refuses to run as root. */
function ownerOfServer(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = ["postgres", "nobody"].map((name) => users.find(([each]) => each === name)).find(Boolean);
  if (user === undefined) throw new Error("This machine has no user postgres or nobody.");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
