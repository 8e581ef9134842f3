import { join } from "node:path";
import { Index } from "@upstash/vector";
import { expect, it, onTestFinished } from "vitest";
import { defaultSettings, indexFile, startEmulator, VectorIndex } from "../../../src/embedded/index.ts";
import { indexDatabase } from "../../../src/embedded/storage/schema.ts";
import { Database } from "../../../src/sqlite/database.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

it("answers queries while its writes wait for another process", async () => {
  const directory = join(temporaryDirectory(), "data");
  const emulator = await startEmulator({ directory });
  onTestFinished(() => emulator.close());
  const index = new Index({ url: emulator.url, token: emulator.token, enableTelemetry: false });
  await index.upsert({ id: "soup", data: "tomato soup" });

  const other = Database.open(indexDatabase(indexFile(directory)));
  onTestFinished(() => other.close());
  other.begin("BEGIN IMMEDIATE");
  let acknowledged = 0;
  const writes = ["first", "second"].map((name) =>
    index.upsert({ id: "last", data: name }).then(() => {
      acknowledged++;
    }),
  );
  // Each query would block for seconds behind a write that waits in SQLite.
  for (let round = 0; round < 5; round++) {
    expect((await index.query({ data: "soup", topK: 1 }))[0]?.id).toBe("soup");
  }
  expect(acknowledged).toBe(0);
  other.rollBack();
  await Promise.all(writes);
  expect(await index.fetch(["last", "soup"], { includeData: true })).toMatchObject([
    { id: "last" },
    { id: "soup" },
  ]);
});

it("refuses a write when another process has written for as long as the index waits", async () => {
  const directory = temporaryDirectory();
  const path = indexFile(directory);
  const index = VectorIndex.open({ path, settings: defaultSettings, busyTimeoutMs: 20 });
  onTestFinished(() => index.close());
  const other = Database.open(indexDatabase(path));
  onTestFinished(() => other.close());
  other.begin("BEGIN IMMEDIATE");
  await expect(index.whenFree(() => index.reset(""))).rejects.toThrow("another process is writing to it");
  other.rollBack();
  await index.whenFree(() => index.reset(""));
});
