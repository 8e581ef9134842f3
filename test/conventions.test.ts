import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));

function filesIn(directory: string, ending: string): { readonly path: string; readonly text: string }[] {
  return readdirSync(`${root}${directory}`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => ({
      path: `${directory}/${path}`,
      text: readFileSync(`${root}${directory}/${path}`, "utf8"),
    }));
}

describe("tests", () => {
  it("give the reason in their title if they may be skipped", () => {
    const skipping = filesIn("test", ".ts")
      .filter(({ text }) =>
        /\b(?:it|describe|test|each\([^)]*\))\s*\.(?:skip|skipIf|runIf|todo|only)\b/.test(text),
      )
      .map(({ path }) => path);
    expect(skipping).toEqual(["test/helpers/obstacles.ts"]);
  });
});

describe("the workflow of CI", () => {
  const workflow = parse(readFileSync(`${root}.github/workflows/ci.yml`, "utf8"));

  it("may only read, and runs actions of a known commit", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const actions = workflow.jobs.test.steps.flatMap(({ uses }: { uses?: string }) => uses ?? []);
    for (const action of actions) expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
    expect(actions.length).toBeGreaterThan(0);
  });

  it("tests the minimum of Node.js, and every line that `npm run test:all-nodes` tests", () => {
    const { engines } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    const tested = workflow.jobs.test.strategy.matrix.node.map(String);
    expect(`>=${tested[0]}`).toBe(engines.node);
    const [, lines = ""] =
      /^const lines = (.*);$/m.exec(readFileSync(`${root}scripts/test-all-nodes.mjs`, "utf8")) ?? [];
    expect(tested.map((version: string) => version.split(".")[0])).toEqual(JSON.parse(lines));
  });
});

describe("ids of requirements", () => {
  const id = /\b(?:RAG|VEC|EMB|MIG|CUT|OPS|REL|SEC|DOC|UX)-\d+\b/g;
  const page = readFileSync(`${root}docs/requirements.md`, "utf8");
  const rows = [...page.matchAll(/^\| ([A-Z]+-\d+) \| .* \| `(.+)` \|$/gm)];

  it("are defined in docs/requirements.md if they are cited", () => {
    const defined = new Set(rows.map(([, name]) => name));
    const files = [...filesIn("test", ".ts"), ...filesIn("src", ".ts"), ...filesIn("docs", ".md")];
    const undefinedIds = files.flatMap(({ path, text }) =>
      (text.match(id) ?? []).filter((name) => !defined.has(name)).map((name) => `${path}: ${name}`),
    );
    expect(undefinedIds).toEqual([]);
  });

  it("are each defined once, and cited in the test that the page names", () => {
    expect(rows.length).toBeGreaterThan(70);
    expect(new Set(rows.map(([, name]) => name)).size).toBe(rows.length);
    expect(page.match(/^\| [A-Z]+-/gm)).toHaveLength(rows.length);
    for (const [, name = "", file = ""] of rows)
      expect(readFileSync(`${root}${file}`, "utf8").match(id), `${name} in ${file}`).toContain(name);
  });
});
