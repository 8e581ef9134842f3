import { spawnSync } from "node:child_process";
import { describe, expect } from "vitest";
import { itUnless, unless } from "./helpers/obstacles.ts";
import { main } from "./helpers/run-cli.ts";
import { temporaryDirectory } from "./helpers/temporary.ts";

/** Other runtimes of JavaScript, and how each runs the command line. */
const runtimes = [
  { name: "bun", words: ["run"] },
  { name: "deno", words: ["run", "--allow-all"] },
] as const;

describe.each(runtimes)("the runtime $name", ({ name, words }) => {
  const obstacle = unless(spawnSync(name, ["--version"]).status === 0, `no ${name} on this machine`);

  itUnless(obstacle, `${name} answers a question (RAG-10)`, () => {
    const question = ["ask", "What is hummus?", "--json"];
    const { stdout } = spawnSync(name, [...words, main, ...question], {
      encoding: "utf8",
      env: { ...process.env, RAGFOOD_DIR: temporaryDirectory(), GENERATOR: "extractive" },
    });
    expect(JSON.parse(stdout).sources[0].id).toBe("hummus");
  });
});
