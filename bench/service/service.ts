/**
 * The HTTP API under load: `npm run bench:service -- --connections 50 --seconds 60 --overload 500`. Askers in this
 * process, the service in another; answers are quotes, so that the service is measured and no model.
 *
 * The bar: 50 askers: 100 ms on average, 500 ms at p99, no error. 500 askers: it refuses with 503, stays up and
 * recovers. `--minutes 10 --overload 0` shows the memory of each minute, and whether it stays flat.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import autocannon, { type Request, type Result } from "autocannon";
import { printMachine } from "../index/report.ts";
import { ServedProcess } from "./served.ts";

const { values: settings } = parseArgs({
  options: {
    connections: { type: "string", default: "50" },
    seconds: { type: "string", default: "60" },
    /** In place of seconds: minutes, each measured on its own. */
    minutes: { type: "string" },
    /** Connections of the overload; 0 leaves it out. */
    overload: { type: "string", default: "500" },
    /** Answers as server-sent events. */
    stream: { type: "boolean", default: false },
    /** A service that runs already, perhaps on another machine. */
    url: { type: "string" },
    key: { type: "string" },
  },
});
const seconds = Number(settings.seconds);
/** Times that each question is asked before the measurement. */
const warmUpRounds = 3;

/** Beyond, a request counts as an error. */
const timeoutSeconds = 10;

const golden = JSON.parse(
  readFileSync(new URL("../../data/golden-queries.json", import.meta.url), "utf8"),
) as readonly { readonly question: string }[];
const questions = golden.map(({ question }) => question);

printMachine();
console.log(`${questions.length} questions about the shipped foods, answered with quotes\n`);
const service = settings.url === undefined ? await ServedProcess.start() : undefined;
const url = settings.url ?? (service as ServedProcess).url;
try {
  await load(8, { amount: warmUpRounds * questions.length });
  if (settings.minutes === undefined) await measure("askers", Number(settings.connections), seconds);
  else await measureMinutes(Number(settings.connections), Number(settings.minutes));
  if (Number(settings.overload) > 0) {
    await measure("overload", Number(settings.overload), Math.min(seconds, 20));
    await measure("after the overload", Number(settings.connections), Math.min(seconds, 10));
  }
} finally {
  await service?.stop();
}

/** A line a minute: memory that grows shows in the trend of the later ones. */
async function measureMinutes(connections: number, minutes: number): Promise<void> {
  const sizes: number[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    const before = service?.processorMs ?? 0;
    const { latency, requests, errors, non2xx } = await load(connections, { duration: 60 });
    const processor = (((service?.processorMs ?? 0) - before) / requests.total).toFixed(2);
    if (service !== undefined) sizes.push(service.residentBytes);
    console.log(
      `minute ${minute}: ${requests.total} requests, average ${latency.average} ms, p99 ${latency.p99} ms, errors ${errors}, refused ${non2xx}, processor ${processor} ms a request, memory ${megabytes(sizes.at(-1) ?? 0)} MB`,
    );
  }
  if (sizes.length < 4) return;
  const half = sizes.length >> 1;
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  // The first minute fills caches.
  const [early, late] = [mean(sizes.slice(1, half)), mean(sizes.slice(half))];
  console.log(
    `memory: mean of minutes 2 to ${half}: ${megabytes(early)} MB, of ${half + 1} to ${sizes.length}: ${megabytes(late)} MB\n`,
  );
}

function load(
  connections: number,
  extent: { readonly duration: number } | { readonly amount: number },
): Promise<Result> {
  const requests = questions.map((question): Request => {
    return {
      method: "POST",
      path: "/api/ask",
      headers: {
        "content-type": "application/json",
        ...(settings.stream && { accept: "text/event-stream" }),
        ...(settings.key !== undefined && { authorization: `Bearer ${settings.key}` }),
      },
      body: JSON.stringify({ question }),
    };
  });
  return autocannon({ url, connections, ...extent, timeout: timeoutSeconds, requests });
}

async function measure(label: string, connections: number, duration: number): Promise<void> {
  const before = service && { bytes: service.residentBytes, processorMs: service.processorMs };
  const { latency, requests, errors, timeouts, statusCodeStats } = await load(connections, { duration });
  console.log(`${label}: ${connections} connections for ${duration} s`);
  const statuses = Object.entries(statusCodeStats).map(([status, { count }]) => `${status}: ${count}`);
  console.log(`  requests ${requests.total} (${Math.round(requests.average)}/s), ${statuses.join(", ")}`);
  console.log(`  errors ${errors}, timeouts ${timeouts}`);
  console.log(
    `  latency: average ${latency.average} ms, p50 ${latency.p50} ms, p99 ${latency.p99} ms, maximum ${latency.max} ms`,
  );
  if (service === undefined || before === undefined) return;
  const processorMs = service.processorMs - before.processorMs;
  console.log(`  processor: ${(processorMs / requests.total).toFixed(2)} ms a request`);
  console.log(
    `  memory: ${megabytes(before.bytes)} MB at the start, ${megabytes(service.residentBytes)} MB at the end\n`,
  );
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
