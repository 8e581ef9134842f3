import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startServer } from "../helpers/http-server.ts";
import { runCli } from "../helpers/run-cli.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const info = JSON.stringify({
  result: {
    vectorCount: 1,
    indexType: "SPARSE",
    sparseIndex: { embeddingModel: "BM25" },
    namespaces: { "": { vectorCount: 1 } },
  },
});

it("a .env that can no longer be used is reported once, and the chat continues (SEC-2)", async () => {
  const directory = temporaryDirectory();
  const { url, received } = await startServer(({ url: path }, response) => {
    if (path === "/info") return response.end(info);
    writeFileSync(join(directory, ".env"), "UPSTASH_VECTOR_REST_URL=nowhere\nMAX_RESULTS=many\n");
    return response.writeHead(401).end('{"error":"Unauthorized"}');
  });
  writeFileSync(
    join(directory, ".env"),
    `UPSTASH_VECTOR_REST_URL=${url}\nUPSTASH_VECTOR_REST_TOKEN=token-of-this-test\n`,
  );
  const input = "Which soup is Vietnamese?\nAnd which is cold?\n";
  const { code, error } = await runCli(["chat"], { directory, input });
  expect(code).toBe(0);
  expect(received.filter(({ url: path }) => path === "/query-data")).toHaveLength(2);
  const notes = error.split("\n").filter((line) => line.includes(".env cannot be used"));
  expect(notes).toEqual([expect.stringMatching(/the earlier tokens stay in use: .*MAX_RESULTS has to be/)]);
  expect(error).not.toContain("token-of-this-test");
});

it.each(["0", "1"])("RAGFOOD_DEBUG=%s decides whether retries are reported (REL-2)", async (debug) => {
  let count = 0;
  const { url } = await startServer((_, response) =>
    count++ === 0 ? response.writeHead(503, { "retry-after-ms": "1" }).end("{}") : response.end(info),
  );
  const { code, error } = await runCli(["info"], {
    directory: temporaryDirectory(),
    environment: { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: "token", RAGFOOD_DEBUG: debug },
  });
  expect(code).toBe(0);
  if (debug === "1") expect(error).toMatch(/^\/info failed \(service\); attempt 2 follows in \d+ ms\.$/m);
  else expect(error).toBe("");
});
