import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { openLogFile } from "../../../src/operations/logs/log-file.ts";
import { createLogger, type LoggerOptions } from "../../../src/operations/logs/logger.ts";
import { runInRequest } from "../../../src/operations/logs/request-context.ts";
import { Redactor } from "../../../src/security/redactor.ts";
import { itUnless, unless } from "../../helpers/obstacles.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

/** Names and bytes of the files in a directory. */
function filesIn(directory: string): (readonly [string, number | undefined])[] {
  return readdirSync(directory).map((name) => [
    name,
    statSync(join(directory, name), { throwIfNoEntry: false })?.size,
  ]);
}

function loggerWith(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const redactor = new Redactor();
  redactor.learn("hunter2-hunter2");
  const log = createLogger({
    level: "info",
    format: "json",
    redactor,
    write: (line) => lines.push(line),
    ...options,
  });
  return { log, lines };
}

it("writes one JSON object a line, without the secrets that the project knows", () => {
  const { log, lines } = loggerWith();
  log.info({ password: "hunter2-hunter2", note: "line\nend" }, "token is hunter2-hunter2");
  log.debug({}, "not at this level");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: "info",
    note: "line\nend",
    msg: "token is [redacted]",
  });
  expect(lines[0]).not.toContain("hunter2");
});

it("carries the id of the request through everything that the request waits for", async () => {
  const { log, lines } = loggerWith();
  const work = async (name: string) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.warn({}, `deep in ${name}`);
  };
  await Promise.all(
    ["one", "two"].map((name) => runInRequest({ requestId: `id-${name}` }, () => work(name))),
  );
  log.info({}, "outside");
  expect(lines.map((line) => JSON.parse(line)).map(({ requestId, msg }) => [requestId, msg])).toEqual([
    ["id-one", "deep in one"],
    ["id-two", "deep in two"],
    [undefined, "outside"],
  ]);
});

it("is readable on a terminal", () => {
  const { log, lines } = loggerWith({ format: "text" });
  log.error({ status: 503, code: "service" }, "POST /api/ask 503");
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d ERROR POST \/api\/ask 503 status=503 code=service\n$/);
});

it("rotates its file by size, keeps the newest files, and goes on after a restart", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "logs", "ragfood.log");
  const write = async (count: number) => {
    const file = await openLogFile({ path, megabytes: 1, kept: 2, onHealth: () => {} });
    for (let megabyte = 0; megabyte < count; megabyte++) {
      const written = filesIn(dirname(path));
      file.write(`${"x".repeat(1_100_000)}\n`);
      // Names, too: a file that is added while the oldest is removed leaves as many bytes.
      await expect.poll(() => filesIn(dirname(path)), { timeout: 30_000 }).not.toEqual(written);
    }
    await file.close();
  };
  await write(3);
  await write(3);
  const files = readdirSync(join(directory, "logs"));
  expect(files.length).toBeLessThanOrEqual(3);
  expect(files).not.toContain("ragfood.1.log");
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(join(directory, "logs", files[0]!), "utf8")).toMatch(/^x+\n/);
});

itUnless(
  unless(existsSync("/dev/full"), "no /dev/full on this system"),
  "reports a full disk once, and drops lines instead of filling memory",
  async () => {
    const directory = temporaryDirectory();
    symlinkSync("/dev/full", join(directory, "ragfood.1.log"));
    const health: (string | undefined)[] = [];
    const path = join(directory, "ragfood.log");
    const file = await openLogFile({
      path,
      megabytes: 100,
      kept: 1,
      onHealth: (failure) => health.push(failure?.message),
    });
    for (let megabyte = 0; megabyte < 20; megabyte++) file.write(`${"x".repeat(1_048_576)}\n`);
    await expect.poll(() => file.failure).toBeDefined();
    file.write("one more\n");
    await file.close();
    expect(health).toEqual([expect.stringMatching(/ENOSPC|dropped/)]);
  },
);

it.each(["\0/ragfood.log", "file/ragfood.log", "/proc/1/nowhere/ragfood.log"])(
  "reports a file that cannot be opened: %j",
  async (place) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "file"), "");
    const path = place.startsWith("/") ? place : join(directory, place);
    await expect(openLogFile({ path, megabytes: 1, kept: 1, onHealth: () => {} })).rejects.toThrow();
  },
);
