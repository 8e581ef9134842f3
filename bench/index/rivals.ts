/**
 * The embedded index beside other vector indices that run from npm, in one run on the same rows and questions: `npm run
 * bench:rivals -- --rivals DIR --rows 100000 --dimension 1024`. The rivals are installed in DIR. Participants run in
 * separate processes and take turns, round by round.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { printMachine, quantile } from "./report.ts";
import { Data, type DataSettings, type FilterName, filters } from "./rivals/data.ts";
import { Participant } from "./rivals/participant.ts";
import { installCommands, ours, participants } from "./rivals/participants.ts";
import { type Figures, printTable, printWhereOthersLead } from "./rivals/table.ts";
import { findTruth, recall, type Truth } from "./rivals/truth.ts";

const { values: settings } = parseArgs({
  options: {
    rivals: { type: "string", default: "" },
    rows: { type: "string", default: "100000" },
    dimension: { type: "string", default: "1024" },
    data: { type: "string", default: "clustered" },
    queries: { type: "string", default: "300" },
    upserts: { type: "string", default: "50" },
    rounds: { type: "string", default: "5" },
    batch: { type: "string", default: "1000" },
    only: { type: "string", default: Object.keys(participants).join(";") },
    directory: { type: "string", default: tmpdir() },
  },
});
const rowCount = Number(settings.rows);
const dimension = Number(settings.dimension);
const questionCount = Number(settings.queries);
const upsertCount = Number(settings.upserts);
const rounds = Number(settings.rounds);
const batchRows = Number(settings.batch);
const topK = 10;
const openings = 3;
const warmUpQueries = 20;

if (settings.rivals === "" || !existsSync(join(settings.rivals, "node_modules"))) {
  console.error("Name a directory that the rivals are installed in: --rivals DIR. To make it:\n");
  console.error(installCommands(settings.rivals || "DIR"));
  process.exit(1);
}
printMachine();
for (const source of settings.data.split(",")) await compare(source);

async function compare(source: string): Promise<void> {
  const data: DataSettings = { source, dimension, rowCount, heldOut: questionCount + upsertCount };
  console.log(`\n${source}: ${rowCount} × ${dimension}, cosine, top ${topK}, ${questionCount} questions`);
  const { heldOut } = new Data(data);
  const questions = heldOut.slice(0, questionCount);
  const truth = findTruth(data, questions, topK);
  progress("exact results found");
  const directory = mkdtempSync(join(settings.directory, "ragfood-rivals-"));
  const all = settings.only.split(";").map(
    (name, place) =>
      new Participant({
        name,
        rivals: resolve(settings.rivals),
        directory: join(directory, String(place)),
        data,
        topK,
      }),
  );
  const figures = new Map<string, Figures>(all.map(({ name }) => [name, {}]));
  try {
    await ingest(all, figures);
    await reopen(all, figures, questions);
    await ask(all, figures, questions, truth);
    await write(all, figures, heldOut.slice(questionCount));
  } finally {
    for (const participant of all) await participant.close();
    rmSync(directory, { recursive: true });
  }
  for (const { name, failure } of all) if (failure !== undefined) figures.delete(name);
  report(all, figures);
}

function report(all: readonly Participant[], figures: ReadonlyMap<string, Figures>): void {
  console.log("");
  printTable(figures);
  console.log("");
  for (const { name, note, failure } of all) {
    console.log(failure === undefined ? `${name}: ${note}.` : `${name}: not run. ${failure}`);
  }
  console.log("");
  printWhereOthersLead(figures, ours);
}

/** Participants take turns, with another one first in every round. A participant that fails is removed. */
async function takeTurns(
  all: readonly Participant[],
  round: number,
  action: (participant: Participant) => Promise<void>,
): Promise<void> {
  for (let turn = 0; turn < all.length; turn++) {
    const participant = all[(turn + round) % all.length] as Participant;
    if (participant.failure !== undefined) continue;
    try {
      await action(participant);
    } catch (error) {
      participant.failure = (error as Error).message;
    }
  }
}

async function ingest(all: readonly Participant[], figures: Map<string, Figures>): Promise<void> {
  const times = new Map<string, number>();
  await takeTurns(all, 0, async (participant) => void (await participant.open()));
  for (let round = 0; round < rounds; round++) {
    const share = Math.floor(((round + 1) * rowCount) / rounds) - Math.floor((round * rowCount) / rounds);
    await takeTurns(all, round, async (participant) => {
      const milliseconds = await participant.ask({ kind: "ingest", rowCount: share, batchRows });
      times.set(participant.name, (times.get(participant.name) ?? 0) + milliseconds);
    });
    progress(`ingest ${round + 1} of ${rounds}`);
  }
  await takeTurns(all, 0, async (participant) => {
    const milliseconds = await participant.ask({ kind: "build" });
    await participant.close();
    Object.assign(figures.get(participant.name) ?? {}, {
      rowsPerSecond: (rowCount / (times.get(participant.name) as number)) * 1_000,
      buildSeconds: milliseconds / 1_000,
      disk: participant.diskMegabytes(),
    });
  });
  progress("built");
}

/** In new processes, the files in the cache of the system; the last opening stays. */
async function reopen(
  all: readonly Participant[],
  figures: Map<string, Figures>,
  questions: readonly Float32Array[],
): Promise<void> {
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < openings; round++) {
    await takeTurns(all, round, async (participant) => {
      await participant.close();
      times.get(participant.name)?.push(await participant.open(questions[round] as Float32Array));
    });
  }
  for (const [name, opened] of times) {
    if (opened.length > 0) Object.assign(figures.get(name) ?? {}, { coldOpen: quantile(opened, 0.5) });
  }
  progress("opened");
}

/** Of one participant under one filter, round upon round; times and processor time in milliseconds. */
interface Asked {
  readonly times: number[];
  cpu: number;
  readonly found: number[][];
}

async function ask(
  all: readonly Participant[],
  figures: Map<string, Figures>,
  questions: readonly Float32Array[],
  truth: Truth,
): Promise<void> {
  for (const filter of Object.keys(filters) as FilterName[]) {
    const asked = new Map<string, Asked>(all.map(({ name }) => [name, { times: [], cpu: 0, found: [] }]));
    const able = all.filter((participant) => filter === "all" || participant.filters);
    await takeTurns(able, 0, async (participant) => {
      await participant.ask({ kind: "query", questions: questions.slice(0, warmUpQueries), filter });
    });
    for (let round = 0; round < rounds; round++) {
      const from = Math.floor((round * questions.length) / rounds);
      const to = Math.floor(((round + 1) * questions.length) / rounds);
      await takeTurns(able, round, async (participant) => {
        const { times, cpu, found } = await participant.ask({
          kind: "query",
          questions: questions.slice(from, to),
          filter,
        });
        const sums = asked.get(participant.name) as Asked;
        sums.times.push(...times);
        sums.cpu += cpu;
        sums.found.push(...found);
      });
    }
    for (const { name } of able.filter(({ failure }) => failure === undefined)) {
      const { times, cpu, found } = asked.get(name) as Asked;
      const median = quantile(times, 0.5);
      const share = recall(found, truth[filter]);
      Object.assign(
        figures.get(name) ?? {},
        filter === "all"
          ? { median, slow: quantile(times, 0.99), cpu: cpu / times.length, recall: share }
          : { [`${filter}Median`]: median, [`${filter}Recall`]: share },
      );
    }
    progress(`asked, filter ${filter}`);
  }
  await takeTurns(all, 0, async (participant) => {
    Object.assign(figures.get(participant.name) ?? {}, await participant.ask({ kind: "memory" }));
  });
}

async function write(
  all: readonly Participant[],
  figures: Map<string, Figures>,
  vectors: readonly Float32Array[],
): Promise<void> {
  const written = new Map<string, { writeTimes: number[]; queryTimes: number[] }>();
  for (let round = 0; round < rounds; round++) {
    const from = Math.floor((round * vectors.length) / rounds);
    const to = Math.floor(((round + 1) * vectors.length) / rounds);
    await takeTurns(all, round, async (participant) => {
      const results = await participant.ask({
        kind: "upsert",
        firstRow: rowCount + from,
        vectors: vectors.slice(from, to),
      });
      const sums = written.get(participant.name) ?? { writeTimes: [], queryTimes: [] };
      sums.writeTimes.push(...results.writeTimes);
      sums.queryTimes.push(...results.queryTimes);
      written.set(participant.name, sums);
      if (results.foundAtOnce < to - from) {
        console.log(
          `  ${participant.name} found ${results.foundAtOnce} of ${to - from} rows right after they were written`,
        );
      }
    });
  }
  for (const [name, { writeTimes, queryTimes }] of written) {
    Object.assign(figures.get(name) ?? {}, {
      upsert: quantile(writeTimes, 0.5),
      queryAfterUpsert: quantile(queryTimes, 0.5),
    });
  }
}

function progress(done: string): void {
  console.log(`  ${done}; load ${loadavg()[0]?.toFixed(2)}`);
}
