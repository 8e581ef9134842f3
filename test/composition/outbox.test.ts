import { expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import type { WriteQueued } from "../../src/store/store.ts";
import { type Received, startServer } from "../helpers/http-server.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** An application with `OUTAGE_WRITES=queue`, whose index answers upserts as listed, and then takes them. */
async function setUp(answers: readonly { status: number; headers?: Record<string, string> }[]) {
  const left = [...answers];
  const { url, received } = await startServer((_request, response) => {
    const { status, headers = {} } = left.shift() ?? { status: 200 };
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(status === 200 ? '{"result":"Success"}' : '{"error":"not now","status":0}');
  });
  const settings = readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: url,
    UPSTASH_VECTOR_REST_TOKEN: "token-of-an-index",
    OUTAGE_WRITES: "queue",
    REQUEST_TIMEOUT_MS: "60000",
  });
  const made = createApplication(settings);
  onTestFinished(() => made.close());
  const queued: WriteQueued[] = [];
  const write = () =>
    made.store.upsertRecords([{ id: "a", vector: [1, 2, 3] }], {
      onQueued: (each) => void queued.push(each),
    });
  const upserts = () => received.filter(({ url }: Received) => url.startsWith("/upsert")).length;
  return { write, queued, upserts };
}

it("repeats a write that the index was too busy for, and does not queue it (VEC-8)", async () => {
  const busy = { status: 429, headers: { "Retry-After": "0" } };
  const { write, queued, upserts } = await setUp([busy, busy]);
  await write();
  expect(queued).toEqual([]);
  expect(upserts()).toBe(3);
});

it("queues at once a write that may have arrived: repeated, it could land after a later one (VEC-8)", async () => {
  const { write, queued, upserts } = await setUp([{ status: 503 }]);
  await write();
  expect(queued).toHaveLength(1);
  expect(upserts()).toBe(1);
});

it("queues a write if the index asks for a longer wait than a call may take (VEC-8)", async () => {
  const { write, queued, upserts } = await setUp([{ status: 429, headers: { "Retry-After": "3600" } }]);
  await write();
  expect(queued).toHaveLength(1);
  expect(upserts()).toBe(1);
});
