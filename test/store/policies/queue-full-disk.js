import { statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drain } from "../../../dist/store/policies/queue/drain.js";
import { WriteQueue } from "../../../dist/store/policies/queue/write-queue.js";

/** Fills a queue and the disk it lies on, then drains it. */
const [, , directory] = process.argv;
const target = "https://index.example";
const path = join(directory, "queue.sqlite");
const text = "x".repeat(40_000);

let refused;
const filling = new WriteQueue({ path });
for (let place = 0; place < 60; place++) {
  filling.add(
    target,
    "",
    { operation: "upsert", documents: [{ id: `${place}`, text, metadata: {} }] },
    "down.",
  );
}
filling.close();
// What else is free goes to somebody else, down to the last page.
const free = () => statfsSync(directory).bavail * statfsSync(directory).bsize;
writeFileSync(join(directory, "other"), Buffer.alloc(free()));

const queue = new WriteQueue({ path });
// Somebody else takes what the reserve gave back to open the queue.
const rest = free();
if (rest > 400_000) writeFileSync(join(directory, "another"), Buffer.alloc(rest - 400_000));
try {
  const documents = Array.from({ length: 100 }, (_, place) => ({ id: `${place}`, text, metadata: {} }));
  queue.add(target, "", { operation: "upsert", documents }, "It is down.");
} catch (error) {
  refused = error.message;
}
const waitingBefore = queue.status(target).waiting;
const store = { upsert: async () => {} };
const { carriedOut, parked } = await drain({ queue, store, target, signal: new AbortController().signal });
queue.close();
process.stdout.write(
  JSON.stringify({ refused, waitingBefore, result: { carriedOut, parked }, free: free() }),
);
