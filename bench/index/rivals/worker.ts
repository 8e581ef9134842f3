/** The process of one participant: does what it is asked and measures it. */
import { readFileSync } from "node:fs";
import { Data, type DataSettings, filters } from "./data.ts";
import type { Answer, Results, Task } from "./messages.ts";
import { participants } from "./participants.ts";
import type { OpenRival, Rival, Row } from "./rival.ts";

/** Linux counts processor time in hundredths of a second. */
const millisecondsPerTick = 10;

let rival: Rival | undefined;
let settings: DataSettings | undefined;
let data: Data | undefined;
let index: OpenRival | undefined;
let nextRow = 0;

process.on("message", async (task: Task) => {
  let answer: Answer;
  try {
    answer = { result: await perform(task) };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  if (process.connected) process.send?.(answer);
});

// If the measuring process is stopped, a server that was started for it must stop too.
process.on("disconnect", async () => {
  await closeIndex();
  process.exit();
});

async function perform(task: Task): Promise<Results[Task["kind"]]> {
  switch (task.kind) {
    case "load":
      settings = task.data;
      rival = await (participants[task.participant] as (typeof participants)[string])(task.rivals);
      return { note: rival.note, filters: rival.filters };
    case "open":
      return await open(task);
    case "ingest":
      return await ingest(task);
    case "build":
      return await timed(() => there(index).build());
    case "query":
      return await query(task);
    case "upsert":
      return await upsert(task);
    case "memory":
      return memory(index?.processId ?? process.pid);
    case "close":
      return await timed(closeIndex);
  }
}

async function closeIndex(): Promise<void> {
  const open = index;
  index = undefined;
  await open?.close();
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

async function open(task: Task & { kind: "open" }): Promise<number> {
  const { dimension } = there(settings);
  return await timed(async () => {
    index = await there(rival).open({
      directory: task.directory,
      dimension,
      topK: task.topK,
    });
    if (task.question) await index.query(task.question, undefined);
  });
}

/** Only storing is timed, not making the rows. */
async function ingest({ rowCount, batchRows }: Task & { kind: "ingest" }): Promise<number> {
  data ??= new Data(there(settings));
  let milliseconds = 0;
  const end = nextRow + rowCount;
  while (nextRow < end) {
    const rows: Row[] = [];
    while (rows.length < batchRows && nextRow < end) rows.push({ row: nextRow++, ...data.next() });
    milliseconds += await timed(() => there(index).ingest(rows));
  }
  return milliseconds;
}

async function query(task: Task & { kind: "query" }): Promise<Results["query"]> {
  const times: number[] = [];
  const found: number[][] = [];
  const began = processorMilliseconds();
  for (const question of task.questions) {
    times.push(await timed(async () => found.push(await there(index).query(question, filters[task.filter]))));
  }
  return { times, cpu: processorMilliseconds() - began, found };
}

async function upsert({ firstRow, vectors }: Task & { kind: "upsert" }): Promise<Results["upsert"]> {
  const results: Results["upsert"] = { writeTimes: [], queryTimes: [], foundAtOnce: 0 };
  for (const [place, vector] of vectors.entries()) {
    const row = firstRow + place;
    const metadata = { tenth: row % 10, hundredth: row % 100 };
    results.writeTimes.push(await timed(() => there(index).upsert({ row, vector, metadata })));
    let found: number[] = [];
    results.queryTimes.push(
      await timed(async () => {
        found = await there(index).query(vector, undefined);
      }),
    );
    if (found[0] === row) results.foundAtOnce++;
  }
  return results;
}

/** Of this process and, if the system reports it, of the process with the index. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1_000;
  if (index?.processId === undefined) return own;
  try {
    const stat = readFileSync(`/proc/${index.processId}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return own + (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick;
  } catch {
    return Number.NaN;
  }
}

/** Of any process if the system reports it; otherwise of this one. */
function memory(processId: number): Results["memory"] {
  let status: string;
  try {
    status = readFileSync(`/proc/${processId}/status`, "utf8");
  } catch {
    return { resident: process.memoryUsage().rss / 1e6, anonymous: Number.NaN };
  }
  const megabytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1_024) / 1e6;
  return { resident: megabytes("VmRSS"), anonymous: megabytes("RssAnon") };
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("Asked out of order.");
  return value;
}
