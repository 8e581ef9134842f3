import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StaticEmbedder } from "../../src/embedding/static.ts";
import { staticModel, tinyRows } from "../helpers/models.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { makeStore } from "../migration/chroma-directory/stores.ts";
import { chromaProject } from "./migrate-helpers.ts";

const texts = ["tomato", "cake", "tomatoes cake", "soup cake cake"];

/** A project with a `chroma_db` whose vectors the model made of its texts. */
async function projectOf(model: string): Promise<string> {
  const directory = temporaryDirectory();
  const vectors = await new StaticEmbedder({ path: model }).embed(texts);
  const path = makeStore(
    "1.3",
    (collection) => {
      for (const [place, text] of texts.entries()) {
        collection.apply("add", { id: text, text, metadata: {}, vector: vectors[place] as Float32Array });
      }
    },
    { dimension: 3 },
  );
  cpSync(path, join(directory, "chroma_db"), { recursive: true });
  return directory;
}

describe("an index of carried vectors", () => {
  it("is used by the settings that the report names, and reports them if others are set", async () => {
    const model = staticModel();
    const directory = await projectOf(model);
    const environment = { EMBEDDER: "local", EMBEDDING_MODEL_PATH: model };
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index", "--name", "foods"];
    const migrated = await runHere(words, { directory, environment });
    expect(migrated).toMatchObject({ code: 0 });
    const settings = { STORE: "embedded", RAGFOOD_DIR: "index", ...environment };
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    expect(migrated.out).toContain(`To ask it: ${pairs.join(" ")} ragfood ask`);
    const report = readFileSync(join(directory, ".ragfood", "migrations", "foods", "report.md"), "utf8");
    expect(report).toContain(pairs.join("\n"));
    // No record has "soup" and "tomato": only the vectors show that they are near.
    const found = await runHere(["search", "soup", "--json"], { directory, environment: settings });
    expect(found.code).toBe(0);
    expect(JSON.parse(found.out).sources.map(({ id }: { id: string }) => id)).toContain("tomato");
    expect(await runHere(["ask", "tomatoes?"], { directory, environment: settings })).toMatchObject({
      code: 0,
      out: expect.stringContaining("tomato"),
    });
    const wrong = await runHere(["ask", "soup?"], { directory, environment: { RAGFOOD_DIR: "index" } });
    expect(wrong).toMatchObject({
      code: 1,
      error: expect.stringMatching(/EMBEDDER=local EMBEDDING_MODEL_PATH/),
    });
    const wide = staticModel(
      Object.fromEntries(Object.entries(tinyRows).map(([token, row]) => [token, [...row, 1]])),
      "wide",
    );
    const other = await runHere(["search", "soup"], {
      directory,
      environment: { ...settings, EMBEDDING_MODEL_PATH: wide },
    });
    expect(other).toMatchObject({
      code: 1,
      error: expect.stringContaining("3 dimensions; the model in EMBEDDING_MODEL_PATH makes 4"),
    });
    const info = await runHere(["info"], { directory, environment: { RAGFOOD_DIR: "index" } });
    expect(info).toMatchObject({ code: 0, out: expect.stringContaining("no embedding model") });
  });

  it("is asked known questions by the model that made its vectors, as the source is, and by no other (MIG-9)", async () => {
    const model = staticModel();
    const directory = await projectOf(model);
    const questions = texts.map((text, place) => ({
      id: `q${place}`,
      question: `${text}?`,
      relevant: [text],
    }));
    writeFileSync(join(directory, "questions.json"), JSON.stringify(questions));
    const sides = ["--from", "chroma_db", "--to", "embedded:index", "--queries", "questions.json", "--json"];
    const own = { EMBEDDER: "local", EMBEDDING_MODEL_PATH: model };
    const migrated = await runHere(["migrate", "run", ...sides], { directory, environment: own });
    expect(migrated).toMatchObject({ code: 0 });
    const compared = await runHere(["migrate", "compare", ...sides], { directory, environment: own });
    expect(compared.code).toBe(0);
    const asked = JSON.parse(compared.out).questions;
    expect(asked).toMatchObject({
      report: { hits: { source: 4, target: 4 }, judged: { queries: 4 }, outcome: "passed" },
      notes: [],
    });
    const turned = Object.entries(tinyRows).map(([token, [x = 0, y = 0, z = 0]]) => [token, [-z, -x, -y]]);
    const foreign = staticModel(Object.fromEntries(turned), "foreign");
    const other = await runHere(["migrate", "compare", ...sides], {
      directory,
      environment: { EMBEDDER: "local", EMBEDDING_MODEL_PATH: foreign },
    });
    expect(other.code).toBe(0);
    expect(JSON.parse(other.out).questions).toEqual({
      notes: [expect.stringContaining("its vectors are not those of foreign")],
    });
  });

  it("names no model if the source names none, and does not mention lengths that are all 1", async () => {
    const directory = await projectOf(staticModel());
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index"];
    const migrated = await runHere([...words, "--similarity", "EUCLIDEAN"], { directory });
    expect(migrated).toMatchObject({ code: 0 });
    expect(migrated.out).toContain("EMBEDDING_MODEL='<the model that made the vectors>' VECTOR_DIMENSION=3");
    // These are of length 1: a distance and a cosine rank them alike.
    expect(migrated.out).not.toContain("short vectors would come first");
    // Of length 1 to 5: a question of length 1 is nearest to the short ones.
    const other = await runHere([...words, "--similarity", "EUCLIDEAN"], { directory: chromaProject(12) });
    expect(other.out).toContain("short vectors would come first");
    expect(other.out).toContain("VECTOR_DIMENSION=4");
  });
});
