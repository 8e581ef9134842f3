import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  exports: Record<string, { default: string } | string>;
  engines: { node: string };
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};
const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === "string" ? [] : [{ name: name.replace(/^\./, "ragfood"), file: target.default }],
);
const pages = ["README.md", ...readdirSync(`${root}/docs`).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);
const texts = new Map(pages.map((page) => [page, readFileSync(`${root}/${page}`, "utf8")]));

/** The package as npm would install it, with the dependencies of this checkout. */
const directory = mkdtempSync(join(tmpdir(), "ragfood-package-"));
const installed = join(directory, "node_modules", "ragfood");
let packed: Set<string>;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeAll(() => {
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", directory];
  const report = execFileSync("npm", words, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename, files }] = JSON.parse(report) as [{ filename: string; files: { path: string }[] }];
  packed = new Set(files.map(({ path }) => path));
  const modules = join(directory, "node_modules");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", [
    "xzf",
    join(directory, filename),
    "-C",
    join(modules, "ragfood"),
    "--strip-components",
    "1",
  ]);
  for (const name of readdirSync(`${root}/node_modules`)) {
    if (!name.startsWith(".")) symlinkSync(`${root}/node_modules/${name}`, join(modules, name), "junction");
  }
});

async function exportsOf(file: string): Promise<string[]> {
  return Object.keys(await import(/* @vite-ignore */ pathToFileURL(join(installed, file)).href));
}

/** Names of classes and functions that some file of the source exports. */
function exportedBySource(): Set<string> {
  const files = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" });
  const names = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      Array.from(
        readFileSync(`${root}/src/${file}`, "utf8").matchAll(
          /^export (?:abstract )?(?:async )?(?:class|function\*?) (\w+)/gm,
        ),
        ([, name]) => name as string,
      ),
    );
  return new Set(names);
}

describe("the package (UX-2: a library entry and types)", () => {
  it("carries every page and data file that its messages and its README refer to", () => {
    const sources = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `src/${file}`);
    const named = new Set(
      [...sources, "README.md"].flatMap((file) =>
        Array.from(
          readFileSync(`${root}/${file}`, "utf8").matchAll(
            /\b(?:docs|data)\/[\w./-]+\.(?:md|json)\b|\.env\.example/g,
          ),
          ([name]) => name,
        ),
      ),
    );
    expect([...named]).toContain("docs/filters.md");
    expect([...named].filter((file) => !packed.has(file))).toEqual([]);
  });

  it("exports every name that a document imports", async () => {
    const faults: string[] = [];
    for (const [page, text] of texts) {
      for (const [, names = "", entry] of text.matchAll(/import \{([^}]*)\} from "(ragfood[\w/]*)"/g)) {
        const file = entries.find(({ name }) => name === entry)?.file;
        const known = file === undefined ? [] : await exportsOf(file);
        for (const name of names.split(",").map((word) => word.trim())) {
          if (name !== "" && !name.startsWith("type ") && !known.includes(name))
            faults.push(`${page}: ${name} of ${entry}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it("exports only what docs/library.md lists", async () => {
    const reference = texts.get("docs/library.md")?.split("## All names")[1] ?? "";
    const exported = (await Promise.all(entries.map(({ file }) => exportsOf(file)))).flat();
    expect(exported.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
    const listed = Array.from(reference.matchAll(/`([A-Za-z]+)`/g), ([, name]) => name as string);
    expect(listed.filter((name) => !["ragfood", "prepare", ...exported].includes(name))).toEqual([]);
  });

  it("carries every file that the code and the types of its entries refer to", () => {
    const missing: string[] = [];
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(join(installed, file), "utf8");
      for (const [, name = ""] of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)"(\.[^"]+)"/g)) {
        const next = join(dirname(file), file.endsWith(".d.ts") ? name.replace(/\.(js|ts)$/, ".d.ts") : name);
        if (packed.has(next)) visit(next);
        else missing.push(`${next} of ${file}`);
      }
    };
    for (const { file } of entries)
      for (const one of [file, file.replace(/\.js$/, ".d.ts")]) visit(join(one));
    visit("dist/cli/main.js");
    expect(missing).toEqual([]);
    expect(seen.size).toBeGreaterThan(500);
  });

  it("depends only on packages that it loads, and finds all of them", () => {
    const builtin = new Set(builtinModules);
    const [loaded, required] = [new Set<string>(), new Set<string>()];
    for (const file of packed) {
      if (!/^dist\/.*\.js$/.test(file)) continue;
      const text = readFileSync(join(installed, file), "utf8");
      const find = (form: RegExp) => Array.from(text.matchAll(form), ([, id]) => id as string);
      for (const id of find(/^(?:import|export)\b[^;]*?\bfrom "([^".][^"]*)";$/gm)) loaded.add(id);
      for (const id of find(/\bimport\("([@\w][\w@/.-]*)"\)/g)) loaded.add(id);
      for (const id of find(/\b__require\("([@\w][\w@/.-]*)"\)/g)) required.add(id);
    }
    const packagesOf = (ids: Iterable<string>) =>
      [...ids]
        .filter((id) => !id.startsWith("node:") && !builtin.has(id))
        .map((id) => id.split("/", id.startsWith("@") ? 2 : 1).join("/"));
    const packages = packagesOf([...loaded, ...required]);
    const { dependencies, peerDependencies } = manifest;
    expect(Object.keys(dependencies).filter((name) => !packages.includes(name))).toEqual([]);
    // pg asks for its native part only if that is wanted. An optional peer may be missing when a module loads.
    const known = [...Object.keys(dependencies), "pg-native"];
    expect(packagesOf(required).filter((name) => !known.includes(name))).toEqual([]);
    known.push(...Object.keys(peerDependencies));
    expect(packages.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("exports every class and function that a document names", async () => {
    // Fields of a dump's manifest, which have the names of functions.
    const fields = ["contentHash", "ragfoodVersion"];
    const known = new Set((await Promise.all(entries.map(({ file }) => exportsOf(file)))).flat());
    const ofSource = exportedBySource();
    const faults = [...texts].flatMap(([page, text]) =>
      Array.from(
        text.matchAll(/`(?:await |new )?([A-Za-z]+[A-Z]\w*)(?:[.(][^`]*)?`/g),
        ([, name]) => name as string,
      )
        .filter((name) => ofSource.has(name) && !known.has(name) && !fields.includes(name))
        .map((name) => `${page}: ${name}`),
    );
    expect(faults).toEqual([]);
  });

  it("has types that a strict program checks with those of its dependencies, as ESM, CommonJS and for a bundler", () => {
    const modules = entries.map(({ name }, number) => [name, `entry${number}`] as const);
    const lines = (line: (name: string, local: string) => string) =>
      modules.map(([name, local]) => line(name, local)).join("\n");
    const uses = `console.log(${modules.map(([, local]) => `typeof ${local}`).join(", ")});`;
    const esm = lines((name, local) => `import * as ${local} from "${name}";`);
    writeFileSync(join(directory, "use.mts"), `${esm}\n${uses}\n`);
    const common = lines((name, local) => `import ${local} = require("${name}");`);
    writeFileSync(join(directory, "use.cts"), `${common}\n${uses}\n`);
    const check = (...words: string[]) =>
      spawnSync(
        process.execPath,
        [
          join(root, "node_modules/typescript/bin/tsc"),
          ...["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2023", "--lib", "es2023"],
          ...["--types", "node", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", ...words],
        ],
        { cwd: directory, encoding: "utf8" },
      ).stdout;
    const examples = texts.get("docs/library.md")?.matchAll(/^```js\n(.*?)^```/gms) ?? [];
    writeFileSync(join(directory, "examples.mts"), Array.from(examples, ([, block]) => block).join("\n"));
    expect(check("--module", "nodenext", "use.mts", "use.cts", "examples.mts")).toBe("");
    expect(check("--module", "esnext", "--moduleResolution", "bundler", "use.mts")).toBe("");
    const required = lines((name, local) => `const ${local} = require("${name}");`);
    const { stdout } = spawnSync(process.execPath, ["-e", `${required}\n${uses}`], {
      cwd: directory,
      encoding: "utf8",
    });
    expect(stdout.trim()).toBe(modules.map(() => "object").join(" "));
  });

  it("says on an old Node.js which version it needs", () => {
    const old = join(directory, "old-node.cjs");
    writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { node: '20.18.3' } });");
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--require", old, join(installed, "dist/cli/main.js"), "ask", "x"],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: ragfood needs Node\.js 20\.19 or later; this is 20\.18\.3\.\n/);
    expect(manifest.engines.node).toBe(">=20.19");
  });

  it("bundles without its optional peers, which load when they are asked for", async () => {
    const peers = Object.keys(manifest.peerDependencies);
    const resolved: string[] = [];
    const bundle = await rolldown({
      input: entries.map(({ file }) => join(installed, file)),
      platform: "node",
      external: ["@photostructure/sqlite"],
      plugins: [
        {
          name: "no-optional-peers",
          resolveId: (id: string) => {
            if (peers.some((peer) => id === peer || id.startsWith(`${peer}/`))) resolved.push(id);
            return undefined;
          },
        },
      ],
      onLog: () => {},
    });
    await bundle.generate({ format: "esm" });
    await bundle.close();
    expect(resolved).toEqual([]);
  });
});
