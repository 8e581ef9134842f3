import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { answering, startOllama } from "../helpers/ollama-server.ts";
import { project } from "../helpers/project.ts";
import { runHere } from "../helpers/run-here.ts";

describe("search", () => {
  it("filters by region, type and expression, each a flag (RAG-6)", async () => {
    const { directory } = project();
    const search = async (...words: string[]) => {
      const { out } = await runHere(["search", "soft cold soup curry cheese cake rice", "--json", ...words], {
        directory,
      });
      return (JSON.parse(out) as { sources: { id: string }[] }).sources.map(({ id }) => id).sort();
    };
    expect(await search("--region", "India", "-k", "10")).toEqual(["idli", "vindaloo"]);
    expect(await search("--type", "Soup", "--top-k", "10")).toEqual(["gazpacho", "pho"]);
    expect(await search("--filter", "diet CONTAINS 'vegan' AND region != 'India'")).toEqual(["gazpacho"]);
    expect(await search("--region", "India", "--type", "Soup")).toEqual([]);
  });
});

describe("the conditions that options give", () => {
  it("are shown with the answer, beside those that the question says", async () => {
    const { directory } = project();
    const searched = await runHere(["search", "soft cake", "--region", "India"], { directory });
    expect(searched.error).toMatch(/^given: region = 'India'\nonly: Cake$/m);
    const words = ["ask", "cold soup", "--filter", "diet CONTAINS 'vegan'"];
    expect((await runHere(words, { directory })).out).toMatch(/^given: diet CONTAINS 'vegan'$/m);
  });
});

describe("nothing found", () => {
  it("is explained by a region that does not exist (RAG-6)", async () => {
    const { directory } = project();
    const { out, error } = await runHere(["ask", "soft cake", "--region", "Inda"], { directory });
    expect(out).toMatch(
      /^given: region = 'Inda'\nonly: Cake\nI found nothing relevant[^\n]+\n\nno model was asked/,
    );
    expect(error).toContain("No food has region 'Inda'. Did you mean India?");
  });

  it("is explained by a field that does not exist, with --json too", async () => {
    const { directory } = project();
    const words = ["search", "cake", "--filter", "tpye = 'Cake'", "--json"];
    expect(JSON.parse((await runHere(words, { directory })).out)).toMatchObject({
      sources: [],
      notices: ["No food has a field 'tpye'. Did you mean type?"],
    });
  });

  it("is explained by a namespace that does not exist", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    const { error } = await runHere(["search", "cake", "--namespace", "mine"], { directory });
    expect(error).toContain("There is no namespace 'mine'.");
  });

  /** An empty index in the cloud. */
  async function emptyCloud() {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const { directory } = project();
    const environment = {
      UPSTASH_VECTOR_REST_URL: emulator.url,
      UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    };
    return { directory, environment };
  }

  it("is explained by an empty index in the cloud", async () => {
    const { error } = await runHere(["search", "cake"], await emptyCloud());
    expect(error).toContain("There are no records in the default namespace. Fill it with: ragfood ingest");
  });

  it("is explained only once if a cloud index lacks the namespace", async () => {
    const { error } = await runHere(["search", "cake", "--namespace", "mine"], await emptyCloud());
    expect(error).toMatch(/^There is no namespace 'mine'\.\nupstash index · [\d.]+ ms\n$/);
  });
});

describe("the index embeds by Ollama (VEC-6)", () => {
  it("as a hybrid index that names its model and refuses another", async () => {
    const { url } = await startOllama(answering("ok"), {
      embed: (text) => (/soup/i.test(text) ? [1, 0, 0] : /curry/i.test(text) ? [0, 1, 0] : [0, 0, 1]),
    });
    const { directory } = project();
    const environment = {
      OLLAMA_HOST: url,
      EMBEDDER: "ollama",
      VECTOR_DIMENSION: "3",
      GENERATOR: "extractive",
    };
    const found = await runHere(["search", "a noodle soup", "--json"], { directory, environment });
    expect(JSON.parse(found.out).sources[0].id).toBe("pho");
    const info = JSON.parse((await runHere(["info", "--json"], { directory, environment })).out);
    expect(info).toMatchObject({
      type: "HYBRID",
      dimension: 3,
      embeddingModel: "mxbai-embed-large",
      sparseEmbeddingModel: "BM25",
    });
    const other = await runHere(["ask", "soup"], {
      directory,
      environment: { ...environment, EMBEDDING_MODEL: "nomic-embed-text" },
    });
    expect(other.code).toBe(1);
    expect(other.error).toMatch(
      /made with embeddingModel "mxbai-embed-large"; the settings ask for "nomic-embed-text"/,
    );
  });

  it("says which dimension the model really has", async () => {
    const { url } = await startOllama(answering("ok"), { embed: () => [1, 0] });
    const { directory } = project();
    const environment = { OLLAMA_HOST: url, EMBEDDER: "ollama", VECTOR_DIMENSION: "3" };
    const { code, error } = await runHere(["ingest"], { directory, environment });
    expect(code).toBe(1);
    expect(error).toContain("makes vectors of 2 dimensions; the settings say 3.\nSet VECTOR_DIMENSION=2");
  });
});
