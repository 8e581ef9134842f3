import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The files that would be published. */
function packedFiles(): Set<string> {
  const words = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const report = execFileSync("npm", words, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(report) as [{ files: { path: string }[] }];
  return new Set(files.map(({ path }) => path));
}

/** Every file of the project that messages and the README name. */
function namedFiles(): Set<string> {
  const sources = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file}`);
  const named = [...sources, "README.md"].flatMap((file) =>
    Array.from(
      readFileSync(`${root}/${file}`, "utf8").matchAll(
        /\b(?:docs|data)\/[\w./-]+\.(?:md|json)\b|\.env\.example/g,
      ),
      ([name]) => name,
    ),
  );
  return new Set(named);
}

describe("the package", () => {
  it("carries every page and data file that its messages and its README refer to", () => {
    const packed = packedFiles();
    const named = [...namedFiles()];
    expect(named).toContain("docs/filters.md");
    expect(named.filter((file) => !packed.has(file))).toEqual([]);
  });
});
