import { expect, it } from "vitest";
import { chromaFinding, ollamaFinding } from "../../src/operations/service-findings.ts";

const closed = "http://127.0.0.1:9";
const ollama = { connection: { host: closed, timeoutMs: 1_000 }, models: ["llama3.2"], isNeeded: false };

it("a server that is not used and not named is no warning (MIG-1)", async () => {
  expect(await ollamaFinding({ ...ollama, isNamed: false }, {})).toMatchObject({
    level: "fact",
    message: "Ollama: not running; answers are quoted from the sources",
  });
  expect(await chromaFinding({ url: closed, isNeeded: false, isNamed: false }, {})).toBeUndefined();
});

it("a server that the settings name, or need, is reported", async () => {
  expect(await ollamaFinding({ ...ollama, isNamed: true }, {})).toMatchObject({ level: "warning" });
  expect(await ollamaFinding({ ...ollama, isNeeded: true, isNamed: false }, {})).toMatchObject({
    level: "problem",
  });
  const chroma = { url: closed, isNeeded: false, isNamed: true };
  expect(await chromaFinding(chroma, {})).toMatchObject({ level: "warning" });
  expect(await chromaFinding({ ...chroma, isNeeded: true }, {})).toMatchObject({ level: "problem" });
});
