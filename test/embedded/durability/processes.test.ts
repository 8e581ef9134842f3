import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { defaultSettings, VectorIndex } from "../../../src/embedded/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const writersAtOnce = 4;
const readersAtOnce = 4;
const batchSize = 5;
const batchesKept = 20;
/** Writes of every writer, and answers of every reader, before the test ends. */
const roundsEach = 40;

interface Answer {
  readonly writer: string;
  /** The newest write found among all hits, in the record of the latest by a query, and by a fetch. */
  readonly n: number;
  readonly latest: number;
  readonly fetched: number;
}

interface Child {
  readonly process: ChildProcess;
  /** Rejects when the process ended by an error, with what it printed. */
  readonly ended: Promise<void>;
}

function start(script: string, words: readonly string[]): Child {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), words, { silent: true });
  onTestFinished(() => void child.kill("SIGKILL"));
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${script}: ${errors}`))));
  });
  ended.catch(() => {});
  return { process: child, ended };
}

it("EMB-2: lets four processes write and four read, each seeing what was acknowledged at its next query", async () => {
  const path = join(temporaryDirectory(), "index.sqlite");
  const settings = JSON.stringify(defaultSettings);
  const acknowledged = new Map<string, number>();
  const writers = Array.from({ length: writersAtOnce }, (_, place) => {
    const name = `writer-${place}`;
    const child = start("writer.js", [path, settings, name]);
    const written = new Promise<void>((resolve) => {
      child.process.on("message", (message: { acknowledged: number }) => {
        acknowledged.set(name, message.acknowledged);
        if (message.acknowledged === roundsEach) resolve();
      });
    });
    return { ...child, written };
  });

  const stale: string[] = [];
  let enough = false;
  const readers = Array.from({ length: readersAtOnce }, (_, place) => {
    const child = start("reader.js", [path, settings]);
    let turn = place;
    let expected = 0;
    let answers = 0;
    const ask = () => {
      const writer = `writer-${turn++ % writersAtOnce}`;
      expected = acknowledged.get(writer) ?? 0;
      child.process.send({ writer });
    };
    const answered = new Promise<void>((resolve) => {
      child.process.on("message", (message: Answer | { ready: true }) => {
        if ("writer" in message) {
          if (expected > 0 && ++answers === roundsEach) resolve();
          if (Math.min(message.n, message.latest, message.fetched) < expected) {
            stale.push(`${JSON.stringify(message)}; acknowledged before: ${expected}`);
          }
        }
        if (enough) child.process.send({ stop: true });
        else ask();
      });
    });
    return { ...child, answered };
  });

  const allEnded = Promise.all([...writers, ...readers].map(({ ended }) => ended));
  await Promise.race([
    allEnded,
    Promise.all([...writers.map(({ written }) => written), ...readers.map(({ answered }) => answered)]),
  ]);
  enough = true;
  for (const { process } of writers) process.send({ stop: true });
  await allEnded;

  expect(stale).toEqual([]);
  const index = VectorIndex.open({ path, settings: defaultSettings });
  onTestFinished(() => index.close());
  const found = index.range("", 0, 1_000, "", {}).records.map(({ id }) => id);
  const expected = [...acknowledged].flatMap(([name, last]) => [
    `${name}-latest`,
    ...Array.from({ length: Math.min(last, batchesKept) }, (_, age) => last - age).flatMap((n) =>
      Array.from({ length: batchSize }, (_, place) => `${name}-${n}-${place}`),
    ),
  ]);
  expect(acknowledged.size).toBe(writersAtOnce);
  expect(found.sort()).toEqual(expected.sort());
  expect(index.verify()).toEqual({ recordCount: expected.length, faults: [] });
});
