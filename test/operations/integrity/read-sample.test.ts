import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { EmbeddedRequester, indexFile, VectorIndex } from "../../../src/embedded/index.ts";
import { integrityJob } from "../../../src/operations/integrity/job.ts";
import { readSample, type SamplePosition } from "../../../src/operations/integrity/read-sample.ts";
import { UpstashStore } from "../../../src/store/upstash.ts";
import { dense } from "../../helpers/index-settings.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

/** A store of `count` records in two namespaces. */
async function filledStore(count: number) {
  const directory = temporaryDirectory();
  const path = indexFile(directory);
  const index = VectorIndex.open({ path, settings: dense });
  const store = new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index),
    close: () => index.close(),
  });
  onTestFinished(() => store.close());
  for (const namespace of ["", "b"]) {
    const records = Array.from({ length: count / 2 }, (_, number) => ({
      id: `${namespace}${number}`,
      text: `text ${number}`,
      vector: Array.from({ length: dense.dimension }, (_, place) => number + place + 1),
    }));
    await store.upsertRecords(records, { namespace });
  }
  return { store, path };
}

describe("a sample of an index", () => {
  it("continues where the one before ended, until every record was read", async () => {
    const { store } = await filledStore(50);
    let position: SamplePosition | undefined;
    const checked: number[] = [];
    do {
      const report = await readSample({ store, size: 10, position });
      expect(report).toMatchObject({ recordCount: 50, faultCount: 0 });
      checked.push(report.checked);
      position = report.position;
    } while (position !== undefined);
    expect(checked.reduce((sum, count) => sum + count, 0)).toBe(50);
    expect(checked.length).toBeGreaterThanOrEqual(5);
  });

  it("finds a record that is not what was written", async () => {
    const { store, path } = await filledStore(20);
    const database = new DatabaseSync(path);
    database.exec(`UPDATE records SET metadata = '{"a":1}' WHERE id = '7'`);
    database.close();
    const job = integrityJob({ store, sampleSize: 100, expression: "@hourly" });
    const result = await job.run({ signal: new AbortController().signal, lastDetails: undefined });
    expect(result).toMatchObject({ isBad: true, details: { faultCount: 1 } });
    expect(result.summary).toContain('the record "7" is not what was written');
  });

  it("starts over if its position is not one of this index any more", async () => {
    const { store } = await filledStore(20);
    const gone = { namespace: "gone", cursor: "999" };
    expect((await readSample({ store, size: 100, position: gone })).checked).toBe(20);
    const foreign = { namespace: "", cursor: "not-a-cursor" };
    expect((await readSample({ store, size: 100, position: foreign })).checked).toBe(20);
  });
});
