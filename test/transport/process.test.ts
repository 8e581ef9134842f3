import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startServer } from "../helpers/http-server.ts";

const run = promisify(execFile);

/** A separate process, which ends when nothing keeps it alive. */
async function runScript(url: string, script: string): Promise<string> {
  const program = `
    import { HttpRequester } from ${JSON.stringify(new URL("../../dist/transport/http-requester.js", import.meta.url).href)};
    const requesterOf = (options) => new HttpRequester({ url: ${JSON.stringify(url)}, token: "t", timeoutMs: 5000, ...options });
    ${script}`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
    timeout: 100_000,
  });
  return stdout;
}

describe("a process with a requester (REL-2)", () => {
  it("stays while a call waits for its next attempt", async () => {
    let count = 0;
    const { url } = await startServer((_, response) => {
      response.writeHead(++count === 1 ? 503 : 200, { connection: "close", "retry-after-ms": "300" });
      response.end('{"result":"at last"}');
    });
    const script = 'console.log((await requesterOf({}).request({ path: ["info"] })).result)';
    expect(await runScript(url, script)).toBe("at last\n");
  });

  it("is not kept by a wait that was given up, nor by a rate limit that is used up", async () => {
    const { url } = await startServer(({ url: path }, response) => {
      response.writeHead(path === "/info" ? 503 : 200, { "retry-after": "3000" }).end('{"result":1}');
    });
    const script = `
      const requester = requesterOf({ deadlineMs: 3_600_000, rateLimit: { count: 2, intervalMs: 3_600_000 } });
      await requester.request({ path: ["range"] });
      const signal = AbortSignal.timeout(100);
      await requester.request({ path: ["info"] }, { signal }).catch((error) => console.log(error.code));`;
    expect(await runScript(url, script)).toBe("cancelled\n");
  });
});
