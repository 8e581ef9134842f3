/**
 * Writes through a queued store, one after another, and prints a dot for each that was acknowledged; then
 * goes on sending what is queued: `node queue-writer.js <queue> <url> <token> <file of writes>`.
 */
import { readFileSync, writeSync } from "node:fs";
import { QueuedStore } from "../../../dist/store/policies/queue/queued.js";
import { WriteQueue } from "../../../dist/store/policies/queue/write-queue.js";
import { UpstashStore } from "../../../dist/store/upstash.js";
import { HttpRequester } from "../../../dist/transport/http-requester.js";

const [path, url, token, file] = process.argv.slice(2);
const store = new QueuedStore({
  store: new UpstashStore({
    name: "upstash",
    requester: new HttpRequester({
      url,
      token,
      timeoutMs: 5_000,
      retry: { retries: 0 },
      breaker: { failures: 1e9 },
    }),
  }),
  queue: new WriteQueue({ path }),
  target: url,
  retryMs: 2,
});
for (const { operation, documents, target, change } of JSON.parse(readFileSync(file, "utf8"))) {
  await (operation === "reset" ? store.reset() : store[operation](documents ?? target ?? change));
  writeSync(1, ".");
  // A queued write waits for nothing but the disk: without a pause nothing would be sent meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 3));
}
setInterval(() => {}, 1_000);
