import { expect, it } from "vitest";
import { afterEvent, newTurn } from "../../web/ask/turn.ts";

it("shows users no failure of a generator that another one replaced: the foot names who answered", () => {
  const failure = "Ollama does not answer at http://127.0.0.1:11434.";
  const advice = "No record says how it is eaten.";
  const answer = { text: "Pho is a soup.", notices: [failure, advice], generator: "extractive" };
  const turn = [
    { name: "text", data: { text: "Ph" } },
    { name: "notice", data: { kind: "restart", text: failure } },
    { name: "answer", data: answer },
  ].reduce(
    (before, event) => afterEvent(before, event as Parameters<typeof afterEvent>[1]),
    newTurn(1, { question: "What is pho?", filters: [] }),
  );
  expect(turn).toMatchObject({ text: "Pho is a soup.", notices: [advice], failures: [failure] });
});
