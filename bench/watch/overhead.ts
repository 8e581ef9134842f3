import { loadavg } from "node:os";
import { readSettings } from "../../dist/index.js";
import { createLogger } from "../../dist/operations/logs/logger.js";
import { hourMs, minuteMs } from "../../dist/operations/metrics/bucket.js";
import { Metrics } from "../../dist/operations/metrics/metrics.js";
import { Timeline } from "../../dist/operations/metrics/timeline.js";
import { evaluate } from "../../dist/operations/objectives/evaluate.js";
import { Redactor } from "../../dist/security/redactor.js";

/**
 * What it costs to watch the service: microseconds of recording a request, its answer and its store operations, of a
 * log line, of a judgement of the objectives; bytes of the history in memory. Run: npm run bench:watch
 */

const rounds = 200_000;
const { objectives } = readSettings({});

function perCall(count: number, work: (number: number) => void): string {
  for (let number = 0; number < count / 10; number++) work(number);
  // Processor time: it does not grow with what else the machine does.
  const started = process.cpuUsage();
  for (let number = 0; number < count; number++) work(number);
  const { user, system } = process.cpuUsage(started);
  return `${((user + system) / count).toFixed(2)} µs`;
}

const metrics = new Metrics();
const answer = {
  store: "embedded",
  generator: "extractive",
  timings: { understanding: 1, retrieval: 5, generation: 1, total: 7 },
};
const operation = {
  store: "embedded",
  operation: "query",
  milliseconds: 4,
  outcome: "ok",
  items: 3,
} as const;

console.log(`load average ${loadavg()[0]?.toFixed(2)}, Node.js ${process.version}`);
console.log(
  "a request, its answer, three store operations:",
  perCall(rounds, (number) => {
    const end = metrics.requestStarted();
    metrics.recordOperation(operation);
    metrics.recordOperation(operation);
    metrics.recordOperation(operation);
    metrics.recordAnswer(answer);
    metrics.recordRequest({
      method: "POST",
      route: "/api/ask",
      status: 200,
      milliseconds: 5 + (number % 100),
    });
    end();
  }),
);

const redactor = new Redactor();
for (const secret of ["first-secret-value", "second-secret-value"]) redactor.learn(secret);
let bytes = 0;
const log = createLogger({
  level: "info",
  format: "json",
  redactor,
  write: (line) => {
    bytes += line.length;
  },
});
console.log(
  "a log line, with redaction:",
  perCall(rounds / 10, () =>
    log.info(
      {
        requestId: "06ca4498-c55e-4195-b89c-b79a46082a01",
        method: "POST",
        path: "/api/ask",
        status: 200,
        milliseconds: 273.7,
        address: "127.0.0.1",
      },
      "POST /api/ask 200",
    ),
  ),
);

const now = 1_000 * hourMs;
global.gc?.();
const before = process.memoryUsage().heapUsed;
const timeline = new Timeline();
const [bucket] = metrics.minutes.pending();
if (bucket === undefined) throw new Error("nothing was recorded");
for (const replica of ["a", "b", "c"]) {
  for (let minute = 0; minute < 26 * 60; minute++) {
    const copy = JSON.parse(JSON.stringify({ ...bucket, startMs: now - minute * minuteMs }));
    timeline.addMinute(replica, copy);
  }
}
for (let hour = 0; hour < 31 * 24; hour++) {
  timeline.addHour(JSON.parse(JSON.stringify({ ...bucket, startMs: now - hour * hourMs })));
}
timeline.prune(now);
global.gc?.();
console.log(
  `the history of three replicas in memory: ${((process.memoryUsage().heapUsed - before) / 1_048_576).toFixed(1)} MB`,
);
console.log(
  "the objectives, over that history:",
  perCall(100, () => void evaluate(timeline, objectives, now)),
);
console.log("bytes logged:", bytes);
