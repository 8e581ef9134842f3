import { describe, expect, it } from "vitest";
import { project } from "../helpers/project.ts";
import { runHere } from "../helpers/run-here.ts";

describe("chat", () => {
  it("answers line after line until exit, also after nothing was found (RAG-5, RAG-6)", async () => {
    const { directory } = project();
    const input =
      "Which curry is fiery?\n\nquantum entanglement\nwhat about a soft steamed cake?\nexit\nnever asked\n";
    const { code, out } = await runHere(["chat"], { directory, input });
    expect(code).toBe(0);
    expect(out.match(/embedded index/g)).toHaveLength(3);
    expect(out).toContain("nothing relevant");
    expect(out).not.toContain("never");
  });

  it("continues after a failure", async () => {
    const { directory } = project();
    const { code, error } = await runHere(["chat"], {
      directory,
      input: "Which curry is fiery?\nWhich curry is fiery?\n",
      environment: { GENERATOR: "ollama" },
    });
    expect(code).toBe(0);
    expect(error.match(/^Error: .*127\.0\.0\.1:9/gm)).toHaveLength(2);
  });
});

describe("chat --json", () => {
  it("prints one line of JSON for each question (RAG-4)", async () => {
    const { directory } = project();
    const input = "Which curry is fiery?\nIs it gluten-free?\nquantum entanglement\n";
    const { code, out } = await runHere(["chat", "--json"], { directory, input });
    expect(code).toBe(0);
    const answers = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(answers).toMatchObject([
      { question: "Which curry is fiery?", generator: "extractive", sources: [{ id: "vindaloo" }] },
      { question: "Is it gluten-free?", store: "embedded" },
      { question: "quantum entanglement", sources: [], generator: "none" },
    ]);
  });

  it("prints a failure as the line of its question", async () => {
    const { directory } = project();
    const environment = { GENERATOR: "ollama" };
    const { out } = await runHere(["chat", "--json"], { directory, input: "fiery curry\n", environment });
    expect(JSON.parse(out)).toMatchObject({ question: "fiery curry", error: { code: "connection" } });
  });

  it("prints one error and exits with 2 if the settings cannot be used", async () => {
    const { directory } = project();
    const environment = { MAX_RESULTS: "0" };
    const { code, out } = await runHere(["chat", "--json"], { directory, input: "curry\n", environment });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "settings" } });
  });
});
