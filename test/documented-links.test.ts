import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8");

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}

/** Anchors of headings, and those that a document sets itself: `<a id="store"></a>`. */
function anchorsOf(document: string): string[] {
  const headings = Array.from(document.matchAll(/^#+ (.*)$/gm), ([, heading]) => anchorOf(heading as string));
  return [...headings, ...Array.from(document.matchAll(/<a id="([^"]+)"><\/a>/g), ([, id]) => id as string)];
}

/** Relative links whose file or heading does not exist. */
function brokenLinks(file: string, document: string): string[] {
  return Array.from(document.matchAll(/\]\((?!https?:)([^)\s]+)\)/g), ([, link]) => link as string).filter(
    (link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : normalize(`${dirname(file)}/${path}`);
      if (!existsSync(`${root}${target}`)) return true;
      return anchor !== undefined && !anchorsOf(path === "" ? document : read(target)).includes(anchor);
    },
  );
}

/** Files and directories of the repository that a text names and that do not exist. */
function missingPaths(document: string): string[] {
  const named = document.matchAll(/`((?:src|test|data|docs|bench|scripts|web)\/[\w./-]+)`/g);
  return Array.from(named, ([, path]) => path as string).filter((path) => !existsSync(`${root}${path}`));
}

/** Scripts of npm that a text names and that do not exist. */
function missingScripts(document: string): string[] {
  const { scripts } = JSON.parse(read("package.json"));
  const named = document.matchAll(/npm run ([a-z][\w:-]*)/g);
  return Array.from(named, ([, name]) => name as string).filter((name) => !Object.hasOwn(scripts, name));
}

/** Names that an example imports from an entry of the package that does not export them. */
async function missingExports(document: string): Promise<string[]> {
  const entries: Readonly<Record<string, () => Promise<object>>> = {
    ragfood: () => import("../src/index.ts"),
    "ragfood/embedded": () => import("../src/entries/embedded.ts"),
    "ragfood/evaluation": () => import("../src/entries/evaluation.ts"),
    "ragfood/migration": () => import("../src/entries/migration.ts"),
  };
  const missing: string[] = [];
  for (const [, names = "", entry = ""] of document.matchAll(
    /^import \{ ([^}]*) \} from "(ragfood[^"]*)";/gm,
  )) {
    const exported = await entries[entry]?.();
    for (const name of names.split(/,\s*/)) {
      if (exported === undefined || !(name in exported)) missing.push(`${name} of ${entry}`);
    }
  }
  return missing;
}

describe("what a document refers to exists (DOC-1)", () => {
  it.each(documents)("what %s refers to exists", async (file) => {
    const document = read(file);
    expect(brokenLinks(file, document)).toEqual([]);
    expect(missingPaths(document)).toEqual([]);
    expect(missingScripts(document)).toEqual([]);
    expect(await missingExports(document)).toEqual([]);
  });

  it("finds what does not", async () => {
    const document =
      '# One: `two`\n[a](#one-two) [b](#three) [c](nowhere.md)\n`src/nowhere.ts` npm run nothing\nimport { nothing } from "ragfood";';
    expect(brokenLinks("README.md", document)).toEqual(["#three", "nowhere.md"]);
    expect(missingPaths(document)).toEqual(["src/nowhere.ts"]);
    expect(missingScripts(document)).toEqual(["nothing"]);
    expect(await missingExports(document)).toEqual(["nothing of ragfood"]);
  });

  it("README.md leads to every page", () => {
    const readme = read("README.md");
    for (const file of documents.filter((each) => each.startsWith("docs/")))
      expect(readme).toContain(`](${file})`);
  });
});
