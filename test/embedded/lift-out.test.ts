import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../helpers/temporary.ts";

const source = fileURLToPath(new URL("../../src", import.meta.url));
const built = fileURLToPath(new URL("../../dist", import.meta.url));
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** The rooms below the embedded index, from which it may take files. */
const roomsBelow = ["embedding", "foundation", "sqlite"];
const packages = ["@photostructure/sqlite", "stemmer", "zod"];

/** What a file imports and re-exports, static, dynamic and of types. */
function specifiersOf(file: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)["']([\w@./:-]+)["']/g;
  return Array.from(readFileSync(file, "utf8").matchAll(pattern), ([, specifier]) => specifier as string);
}

/** Follows every import of the room: files below `source`, and packages. */
function reached(): { files: string[]; packages: string[] } {
  const files = readdirSync(join(source, "embedded"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith(join("kernel", "assembly")))
    .map((file) => join(source, "embedded", file));
  const known = new Set(files);
  const named = new Set<string>();
  for (const file of known) {
    for (const specifier of specifiersOf(file)) {
      if (specifier.startsWith(".")) known.add(resolve(dirname(file), specifier));
      else named.add(specifier);
    }
  }
  return {
    files: [...known].map((file) => relative(source, file).replaceAll(sep, "/")),
    packages: [...named],
  };
}

describe("the room of the embedded index can be lifted out", () => {
  it("nothing in it imports from above, nor anything that it imports", () => {
    const { files, packages: named } = reached();
    expect(files.length).toBeGreaterThan(60);
    const rooms = new Set(files.map((file) => file.split("/")[0] as string));
    expect([...rooms].filter((room) => room !== "embedded" && !roomsBelow.includes(room))).toEqual([]);
    const isOfNode = (name: string) => builtinModules.includes(name.replace(/^node:/, ""));
    expect(named.filter((name) => !isOfNode(name)).sort()).toEqual(packages);
  });

  it("copied elsewhere with just that, it embeds, stores, serves and finds", () => {
    const directory = temporaryDirectory();
    cpSync(join(built, "embedded"), join(directory, "embedded"), { recursive: true });
    for (const file of reached().files.map((name) => name.replace(/\.ts$/, ".js"))) {
      if (existsSync(join(built, file))) cpSync(join(built, file), join(directory, file));
    }
    symlinkSync(modules, join(directory, "node_modules"), "junction");
    writeFileSync(join(directory, "package.json"), '{"type":"module"}');
    writeFileSync(
      join(directory, "use.js"),
      `import { startEmulator } from "./embedded/index.js";
const emulator = await startEmulator({ directory: "data" });
const post = async (command, payload) => {
  const headers = { Authorization: \`Bearer \${emulator.token}\` };
  const body = JSON.stringify(payload);
  return (await fetch(\`\${emulator.url}/\${command}\`, { method: "POST", headers, body })).json();
};
await post("upsert-data", { id: "soup", data: "tomato soup", metadata: { hot: true } });
console.log(JSON.stringify(await post("query-data", { data: "soups", filter: "hot = true" })));
await emulator.close();
`,
    );
    const answer = execFileSync(process.execPath, ["use.js"], { cwd: directory, encoding: "utf8" });
    expect(JSON.parse(answer)).toMatchObject({ result: [{ id: "soup" }] });
    expect(existsSync(join(directory, "data", "index.sqlite"))).toBe(true);
  });
});
