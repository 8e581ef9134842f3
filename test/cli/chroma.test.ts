import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ChromaServer, chromaObstacle, startChroma } from "../helpers/chroma-server.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { answering, startOllama } from "../helpers/ollama-server.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** Two texts are near where they share letters. */
function embed(text: string): number[] {
  const counts = new Array(26).fill(0.1);
  for (const letter of text.toLowerCase()) if (/[a-z]/.test(letter)) counts[letter.charCodeAt(0) - 97]++;
  return counts;
}

describeUnless(chromaObstacle, "--store chroma", () => {
  let server: ChromaServer;

  beforeAll(async () => {
    server = await startChroma();
  });
  afterAll(() => server?.close());

  it("ingests into Chroma and searches it, with vectors from Ollama (VEC-5)", async () => {
    const ollama = await startOllama(answering("Vindaloo [1]."), {
      models: ["llama3.2:latest", "mxbai-embed-large:latest"],
      embed,
    });
    const directory = temporaryDirectory();
    const dataFile = join(directory, "foods.json");
    writeFileSync(dataFile, JSON.stringify(sampleFoods));
    const environment = {
      CHROMA_URL: server.url,
      OLLAMA_HOST: ollama.url,
      VECTOR_DIMENSION: "26",
      JSON_FILE: dataFile,
    };
    const run = (...words: string[]) =>
      runHere([...words, "--store", "chroma", "--json"], { directory, environment });

    const empty = await run("search", "curry");
    expect(empty.code).toBe(1);
    expect(JSON.parse(empty.out).error).toMatchObject({
      code: "not-found",
      message: expect.stringContaining("has no collection foods; it has none"),
    });
    const ingested = await run("ingest");
    expect(JSON.parse(ingested.out)).toMatchObject({
      store: "chroma",
      added: sampleFoods.length,
      cutTexts: 0,
    });
    const found = JSON.parse(
      (await run("search", sampleFoods[0]?.text as string, "--literal", "--region", "India")).out,
    );
    expect(found.store).toBe("chroma");
    expect(found.sources.map(({ id }: { id: string }) => id).sort()).toEqual(["idli", "vindaloo"]);
    expect(JSON.parse((await run("info")).out)).toMatchObject({
      store: "chroma",
      location: `${server.url} foods`,
      recordCount: sampleFoods.length,
      dimension: 26,
      similarityFunction: "EUCLIDEAN",
    });
    const examined = JSON.parse((await run("doctor")).out).findings as { code: string; level: string }[];
    expect(examined.filter(({ level }) => level === "problem")).toEqual([]);
  });

  it("names the settings that a store needs, and the stores (exit code 2)", async () => {
    const directory = temporaryDirectory();
    const unknown = await runHere(["info", "--store", "milvus"], { directory });
    expect(unknown.code).toBe(2);
    expect(unknown.error).toContain('--store has to be upstash, embedded or chroma; it is "milvus".');
  });
});
