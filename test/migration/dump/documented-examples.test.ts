import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { writeDump } from "../../../src/migration/dump/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { itUnless } from "../../helpers/obstacles.ts";
import { runHere } from "../../helpers/run-here.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { python } from "../../helpers/tools.ts";
import { smallStore } from "../chroma-directory/stores.ts";

const run = promisify(execFile);
const document = readFileSync(
  fileURLToPath(new URL("../../../docs/dump-format.md", import.meta.url)),
  "utf8",
);

function examples(language: string): string[] {
  return Array.from(
    document.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms")),
    ([, code]) => code as string,
  );
}

/** Records of a dense index, of a sparse one (the default index), of a hybrid one, and one without anything. */
const records: StoreRecord[] = [
  { id: "dense", text: "Vindaloo", metadata: { region: "India" }, vector: [1, 2] },
  { id: "sparse", text: "Kimchi", sparseVector: { indices: [3, 17], values: [0.5, 2] } },
  { id: "hybrid", vector: [3, 4], sparseVector: { indices: [5], values: [1] } },
  { id: "nothing" },
];

/** A directory that holds `foods-dump`. */
async function withDump(): Promise<string> {
  const directory = temporaryDirectory();
  const description = {
    kind: "embedded" as const,
    collection: "",
    recordCount: records.length,
    dimension: 2,
    similarityFunction: "COSINE" as const,
    embeddingModel: undefined,
  };
  const source = {
    name: "foods",
    describe: async () => description,
    async *records() {
      yield records;
    },
    close: async () => {},
  };
  await writeDump(source, join(directory, "foods-dump"));
  return directory;
}

describe("the examples of docs/dump-format.md", () => {
  it("read a dump of any records in JavaScript", async () => {
    const directory = await withDump();
    const [code = ""] = examples("js");
    writeFileSync(join(directory, "read.mjs"), code);
    const { stdout } = await run(process.execPath, ["read.mjs"], { cwd: directory });
    expect(stdout).toContain("dense Vindaloo { region: 'India' } Float32Array(2) [ 1, 2 ] undefined");
    expect(stdout).toContain("values: Float32Array(2) [ 0.5, 2 ]");
    expect(stdout.trim().split("\n")).toHaveLength(records.length);
  });

  itUnless(python.obstacle, "read a dump of any records in Python", async () => {
    const directory = await withDump();
    const [code = ""] = examples("python");
    const { stdout } = await run("python3", ["-c", code], { cwd: directory });
    expect(stdout).toContain("dense Vindaloo {'region': 'India'} array('f', [1.0, 2.0]) None");
    expect(stdout).toContain("sparse Kimchi None None [(3, 0.5), (17, 2.0)]");
  });

  it("run on the command line, one after the other", async () => {
    const path = smallStore("1.5");
    const place = join(path, "..");
    writeFileSync(join(place, "dump.key"), `backup-2026:${Buffer.alloc(32, 7).toString("base64")}\n`);
    const commands = examples("sh")
      .flatMap((block) => block.split("\n"))
      .map((line) => line.replace(/#.*/, "").trim())
      .filter((line) => line.startsWith("ragfood ") && !line.includes("…"));
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      const { code, error } = await runHere(command.split(" ").slice(1), { directory: place });
      expect({ command, code, error: code === 0 ? "" : error }).toEqual({ command, code: 0, error: "" });
    }
  });

  it("are JSON lines that a reader of dumps takes", () => {
    for (const line of examples("json")) expect(JSON.parse(line)).toMatchObject({ id: "food-1" });
  });
});
