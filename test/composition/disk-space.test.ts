import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { spaceFindings } from "../../src/composition/endpoints/disk-space.ts";
import { sampledSize } from "../../src/migration/survey/index.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { ListSource } from "../migration/records.ts";

const megabyte = 2 ** 20;

function plan(contentBytes: number) {
  const directory = temporaryDirectory();
  const sourceDirectory = join(directory, "chroma_db");
  mkdirSync(sourceDirectory);
  writeFileSync(join(sourceDirectory, "chroma.sqlite3"), Buffer.alloc(3 * megabyte));
  return {
    size: { recordCount: 1_000, contentBytes, vectorBytes: 0 },
    sourceDirectory,
    backupsDirectory: join(directory, "backups"),
    dump: { directory: join(directory, "state"), name: "dump-" },
    indexFile: join(directory, "index", "index.sqlite"),
    ledgerDirectory: join(directory, "state"),
  };
}

describe("the space that a migration needs is measured", () => {
  it("from the texts of the source, and not from its dimension", async () => {
    const records = Array.from({ length: 1_200 }, (_, number) => ({
      id: `${number}`,
      text: "x".repeat(20_000),
      metadata: { number },
      vector: [1, 0],
    }));
    const { contentBytes, vectorBytes } = await sampledSize(new ListSource(records));
    expect(contentBytes / 1_200).toBeCloseTo(20_000, -2);
    expect(vectorBytes).toBe(1_200 * 2 * 4);
  });

  it("and from the files that are backed up", () => {
    const [finding, ...others] = spaceFindings(plan(10 * megabyte));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: "disk", level: "fact" });
    expect(finding?.message).toMatch(
      /up to 33 MiB needed \(backup 3 MiB, dump 10 MiB, index 14 MiB, ledger 6 MiB\)/,
    );
  });

  it("what an earlier run has written is not needed again", () => {
    const again = plan(10 * megabyte);
    mkdirSync(again.backupsDirectory);
    writeFileSync(join(again.backupsDirectory, "chroma_db-2026.tar.gz"), "backup");
    mkdirSync(join(again.dump.directory, "dump-1"), { recursive: true });
    writeFileSync(join(again.dump.directory, "dump-1", "manifest.json"), "{}");
    expect(spaceFindings(again)[0]?.message).toMatch(/up to 20 MiB needed/);
  });

  it("a disk that cannot hold it fails, and one that may not hold it is warned of", () => {
    const { bavail, bsize } = statfsSync(temporaryDirectory());
    const free = bavail * bsize;
    const level = (contentBytes: number) => spaceFindings(plan(contentBytes))[0]?.level;
    expect(level(free * 4)).toBe("problem");
    expect(level(free * 0.75)).toBe("warning");
  });
});
