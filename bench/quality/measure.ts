import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percent, type Share, wilsonInterval } from "../../dist/evaluation/index.js";
import { type Application, createApplication, ingest, readSettings } from "../../dist/index.js";

/** A figure and the bar that it must reach. */
export interface Measure {
  readonly name: string;
  readonly result: string;
  readonly bar: string;
  /** `undefined`: no bar, for comparison. */
  readonly isMet?: boolean;
}

export const foodsFile = "data/foods.json";

/** An application without a model, on a temporary index with the records of the file. */
export async function withIndex<T>(
  file: string,
  action: (application: Application, directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-quality-"));
  const application = createApplication(
    readSettings({ RAGFOOD_DIR: join(directory, "index"), GENERATOR: "extractive", JSON_FILE: file }),
  );
  try {
    await ingest({ store: application.store, file, namespace: "" });
    return await action(application, directory);
  } finally {
    await application.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As `withIndex`, for records that are made here. */
export async function withRecords<T>(
  records: readonly object[],
  action: (application: Application) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-records-"));
  try {
    const file = join(directory, "records.jsonl");
    writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    return await withIndex(file, action);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function shareText({ hits, count, low, high }: Share): string {
  return `${percent(hits / count)} of ${count} (${percent(low)} to ${percent(high)})`;
}

/** A share that has to be at least `bar`. */
export function atLeast(name: string, hits: number, count: number, bar: number): Measure {
  return {
    name,
    result: shareText({ hits, count, ...wilsonInterval(hits, count) }),
    bar: `≥ ${percent(bar, 0)}`,
    isMet: hits / count >= bar,
  };
}

/** A share that has to be at most `bar`. */
export function atMost(name: string, hits: number, count: number, bar: number): Measure {
  return {
    name,
    result: shareText({ hits, count, ...wilsonInterval(hits, count) }),
    bar: bar === 0 ? "0" : `≤ ${percent(bar, 0)}`,
    isMet: hits / count <= bar,
  };
}
