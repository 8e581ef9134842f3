import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type PostgresAddress, parsePostgresUrl } from "../../src/state/postgres/address.ts";
import { openPostgresState } from "../../src/state/postgres/postgres.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { giveToServer, type PostgresServer, postgresObstacle, startPostgres } from "../helpers/postgres.ts";
import { openssl } from "../helpers/tools.ts";

const obstacle = postgresObstacle ?? openssl.obstacle;

describeUnless(obstacle, "TLS to PostgreSQL (SEC-3)", () => {
  let server: PostgresServer;
  let directory: string;
  const authority = () => join(directory, "certificate.pem");

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "ragfood-postgres-tls-"));
    chmodSync(directory, 0o755);
    const [key, served] = [join(directory, "key.pem"), join(directory, "served.pem")];
    const request = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost".split(" ");
    execFileSync(
      openssl.path as string,
      [...request, "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", authority()],
      { stdio: "ignore" },
    );
    copyFileSync(authority(), served);
    for (const file of [key, served]) giveToServer(file);
    server = await startPostgres("ssl=on", `ssl_cert_file=${served}`, `ssl_key_file=${key}`);
  });
  afterAll(async () => {
    await server?.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens the state. @returns the version of the protocol by which the server says that the connection is encrypted */
  async function connect(host: string, parameters: string): Promise<string | null> {
    const address = parsePostgresUrl(`postgres://postgres@${host}:${server.port}/postgres?${parameters}`);
    const state = await openPostgresState(address as PostgresAddress, { schema: "tls", migrations: [] });
    onTestFinished(() => state.close());
    const row = await state.transaction(
      (session) =>
        session.get<{ version: string | null }>(
          "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        ),
      { readOnly: true },
    );
    return row?.version ?? null;
  }

  it.each([
    ["require", "127.0.0.1", () => "sslmode=require"],
    [
      "verify-ca, under a name that the certificate does not have",
      "127.0.0.1",
      () => `sslmode=verify-ca&sslrootcert=${authority()}`,
    ],
    ["verify-full", "localhost", () => `sslmode=verify-full&sslrootcert=${authority()}`],
  ])("the connection to PostgreSQL is encrypted with sslmode %s", async (_, host, parameters) => {
    expect(await connect(host, parameters())).toMatch(/^TLSv1\.[23]$/);
  });

  it.each([
    ["of an authority that is not trusted", "localhost", () => "sslmode=verify-full"],
    ["of an authority that is not trusted, by verify-ca", "localhost", () => "sslmode=verify-ca"],
    ["that does not have the address", "127.0.0.1", () => `sslmode=verify-full&sslrootcert=${authority()}`],
  ])("refuses a certificate %s, and says what to do", async (_, host, parameters) => {
    const failure = await connect(host, parameters()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "storage", hint: expect.stringContaining("sslrootcert") });
  });
});
