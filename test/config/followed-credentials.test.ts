import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FollowedCredentials, type FollowOptions } from "../../src/config/followed-credentials.ts";
import { HttpRequester } from "../../src/transport/http-requester.ts";
import { startServer } from "../helpers/http-server.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const url = "https://example-eu1-vector.upstash.io";

/** A project with this `.env`, and the credentials that follow it. */
function project(address: string, options: Partial<FollowOptions> = {}) {
  const directory = temporaryDirectory();
  const write = (token: string, more = "") => {
    const text = `UPSTASH_VECTOR_REST_URL=${address}\nUPSTASH_VECTOR_REST_TOKEN=${token}\n${more}`;
    // Replaces the file atomically, so that readers never see half of it.
    writeFileSync(join(directory, ".env.new"), text);
    renameSync(join(directory, ".env.new"), join(directory, ".env"));
  };
  write("token-1");
  const faults: string[] = [];
  const initial = { url: address, token: "token-1", readOnlyToken: undefined };
  const onFault = ({ message }: Error) => faults.push(message);
  const credentials = new FollowedCredentials(initial, { directory, intervalMs: 0, onFault, ...options });
  return { directory, write, faults, credentials };
}

describe("FollowedCredentials (SEC-2)", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("reads a changed file again, both tokens of it, and reports it once", () => {
    const onChange = vi.fn();
    const { write, credentials } = project(url, { onChange });
    expect(credentials.current().token).toBe("token-1");
    write("token-2", "UPSTASH_VECTOR_REST_READONLY_TOKEN=reading\n");
    expect(credentials.current()).toMatchObject({ token: "token-2", readOnlyToken: "reading" });
    credentials.refresh();
    expect(onChange).toHaveBeenCalledOnce();
  });

  it("looks at most once in the interval, and at once when asked to", () => {
    const { write, credentials } = project(url, { intervalMs: 60_000 });
    write("token-2");
    expect(credentials.current().token).toBe("token-1");
    credentials.refresh();
    expect(credentials.current().token).toBe("token-2");
  });

  it("keeps the tokens of before for a file that cannot be used, says so once, and takes the next that can", () => {
    const { write, faults, credentials, directory } = project(url);
    write("token-2", "MAX_RESULTS=many\n");
    for (let call = 0; call < 3; call++) {
      credentials.refresh();
      expect(credentials.current().token).toBe("token-1");
    }
    expect(faults).toEqual([
      expect.stringContaining('MAX_RESULTS has to be a whole number from 1 to 1000 (it is "many")'),
    ]);
    writeFileSync(join(directory, ".env"), "");
    expect(credentials.current().token).toBe("token-1");
    expect(faults[1]).toContain("the tokens are gone");
    write("token-3");
    expect(credentials.current().token).toBe("token-3");
    writeFileSync(join(directory, ".env"), "");
    credentials.current();
    expect(faults.length).toBe(3);
  });

  it("does not go over to another index", () => {
    const { write, faults, credentials, directory } = project(url);
    writeFileSync(
      join(directory, ".env"),
      "UPSTASH_VECTOR_REST_URL=https://other-eu1-vector.upstash.io\nUPSTASH_VECTOR_REST_TOKEN=token-2\n",
    );
    expect(credentials.current()).toMatchObject({ url, token: "token-1" });
    expect(faults[0]).toContain("another index needs a restart");
    write("token-3");
    expect(credentials.current().token).toBe("token-3");
  });

  it("lets the variables of the process win", () => {
    vi.stubEnv("UPSTASH_VECTOR_REST_TOKEN", "token-1");
    const { write, credentials } = project(url);
    write("token-2");
    credentials.refresh();
    expect(credentials.current().token).toBe("token-1");
  });

  it("leaves settings alone that did not come from this environment", () => {
    const { directory, write } = project(url);
    const own = { url, token: "a token of the program", readOnlyToken: undefined };
    const credentials = new FollowedCredentials(own, { directory, intervalMs: 0 });
    write("token-2");
    credentials.refresh();
    expect(credentials.current()).toEqual(own);
  });

  it("rotates while calls run, and none of them fails", async () => {
    let accepted = "token-1";
    const refused: string[] = [];
    const { url: address, received } = await startServer(async ({ headers }, response) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      const isRight = headers.authorization === `Bearer ${accepted}`;
      if (!isRight) refused.push(String(headers.authorization));
      response.writeHead(isRight ? 200 : 401).end(isRight ? '{"result":1}' : '{"error":"Unauthorized"}');
    });
    // No periodic check of the file: only a 401 triggers a reload.
    const { write, credentials } = project(address, { intervalMs: 60_000 });
    const requester = new HttpRequester({ url: address, credentials, timeoutMs: 10_000, concurrency: 8 });
    const call = async (number: number) => {
      if (number % 50 === 49) {
        const next = `token-${Math.ceil(number / 50) + 1}`;
        write(next);
        accepted = next;
      }
      return await requester.request({ path: [number % 2 === 0 ? "query" : "rename-namespace"], body: {} });
    };
    let next = 0;
    const worker = async () => {
      while (next < 300) await call(next++);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(refused.length).toBeGreaterThan(0);
    expect(received.length).toBe(300 + refused.length);
  });
});
