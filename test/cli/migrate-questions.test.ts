import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { chromaProject, eventsOf } from "./migrate-helpers.ts";

const state = join(".ragfood", "migrations", "foods");

/** Questions that the texts of `chromaProject` answer: each food has a different number. */
function writeQuestions(
  directory: string,
  numbers: readonly (readonly [asked: number, wanted: string])[],
): void {
  const lines = numbers.map(([asked, wanted], place) => ({
    id: `q${place}`,
    question: `Which food has the number ${asked}?`,
    relevant: [wanted],
  }));
  writeFileSync(join(directory, "questions.json"), JSON.stringify(lines));
}

const right = [11, 12, 13, 14].map((number) => [number, `food-${number}`] as const);

describe("migrate run, from files into an index that embeds", () => {
  const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded", "--name", "foods", "--json"];
  const asking = [...words, "--queries", "questions.json"];

  it("states how far both agree, never calls the model's differences a fault, and measures the target (MIG-8, MIG-10)", async () => {
    const directory = chromaProject(40);
    const migrated = await runHere([...words, "--embed", "target"], { directory });
    expect(migrated).toMatchObject({ code: 0 });
    const { phases } = JSON.parse(readFileSync(join(directory, state, "report.json"), "utf8"));
    expect(phases.compare.outcome.facts).toMatchObject({
      outcome: "undecided",
      relation: "re-embedded",
      agreement: { queries: 40, overlap: { count: 40 } },
      sides: { source: { exactRecall: { mean: 1 } } },
      selfRetrieval: { checked: 40, isSound: true },
      consistency: { checked: 20, isConsistent: true },
    });
    expect(Object.keys(phases.compare.outcome.facts.differences.atK.byCause)).toContain("model");
    expect(phases.bench.outcome.facts.sides).toMatchObject({ target: { store: "embedded" } });
    expect(phases.bench.outcome.facts.sides.source).toBeUndefined();
    const report = readFileSync(join(directory, state, "report.md"), "utf8");
    expect(report).toContain("so that other results are expected");
    expect(report).toContain("By chance the first 10 would share 25.6 %.");
    expect(report).toContain("No known questions were asked: name them");
    expect(report).toContain("Only the target was measured");
  });

  it("asks only the target known questions if nothing embeds them for the source (MIG-9)", async () => {
    const directory = chromaProject(40);
    writeQuestions(directory, [...right, [99, "food-99"]]);
    const migrated = await runHere(asking, { directory });
    expect(migrated).toMatchObject({ code: 0 });
    const report = readFileSync(join(directory, state, "report.md"), "utf8");
    expect(report).toContain("**Known questions: the target hits 4 of 4**");
    expect(report).toContain("The source was not asked the questions: it holds only vectors");
    expect(report).toContain("none of their expected records: 1 (q4)");
    // Two of six expect another food than they ask for: below four in five.
    writeQuestions(directory, [...right, [15, "food-3"], [16, "food-4"]]);
    const stopped = await runHere(asking, { directory });
    expect(stopped.code).toBe(1);
    expect(eventsOf(stopped.out)).toContainEqual(
      expect.objectContaining({
        type: "phase-refuse",
        phase: "compare",
        found: "The target hits 4 of 6 known questions; 5 are required.",
      }),
    );
    const lenient = await runHere([...asking, "--minimum-hits", "0.5"], { directory });
    expect(lenient).toMatchObject({ code: 0 });
    expect(eventsOf(lenient.out).filter(({ type }) => type === "phase-begin")).toMatchObject([
      { phase: "doctor" },
      { phase: "verify" },
      { phase: "compare" },
    ]);
  });

  it("refuses questions of other data, and flags that no questions go with", async () => {
    const directory = chromaProject(5);
    writeQuestions(directory, [[1, "elsewhere"]]);
    expect(await runHere(asking, { directory })).toMatchObject({
      code: 2,
      out: expect.stringContaining("none of the records that the known questions expect"),
    });
    const sides = ["--from", "chroma_db", "--to", "embedded"];
    const cases: readonly (readonly [string[], string])[] = [
      [["migrate", "compare", ...sides, "--minimum-hits", "0.5"], "--minimum-hits needs --queries"],
      [["migrate", "compare", ...sides, "--queries", "questions.json", "--minimum-hits", "2"], "from 0 to 1"],
      [["migrate", "verify", ...sides, "--queries", "questions.json"], "verify has no --queries"],
    ];
    for (const [words, message] of cases) {
      expect(await runHere(words, { directory })).toMatchObject({
        code: 2,
        error: expect.stringContaining(message),
      });
    }
    const absent = await runHere(["migrate", "compare", ...sides, "--queries", "gone.json"], { directory });
    expect(absent).toMatchObject({ code: 1, error: expect.stringContaining("gone.json") });
  });
});
