import { readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * Which rooms a room may import from. `foundation` is open to every room and not listed.
 * A room is a folder of `src`; `embedded`, `migration` and `store` contain rooms themselves, and
 * their bare name means the files directly in them. docs/architecture.md says what each room owns.
 */
const doors: Record<string, readonly string[]> = {
  foundation: [],
  sqlite: [],
  security: [],
  pricing: [],
  transport: ["security"],
  ollama: ["transport"],
  openai: ["transport"],
  config: ["cutover", "pricing", "security", "state", "transport"],
  embedding: ["ollama", "openai", "transport"],

  "embedded/filter": [],
  "embedded/kernel": [],
  "embedded/storage": ["embedded", "embedding", "sqlite"],
  "embedded/index": ["embedded", "embedded/filter", "embedded/kernel", "embedded/storage", "embedding"],
  "embedded/protocol": [
    "embedded",
    "embedded/filter",
    "embedded/index",
    "embedded/kernel",
    "embedded/storage",
  ],
  "embedded/workers": ["embedded", "embedded/protocol"],
  embedded: ["embedded/index", "embedded/kernel", "embedded/protocol", "embedded/storage"],

  store: ["embedded/filter", "embedding", "store/chroma"],
  "store/chroma": ["embedded/filter", "store"],
  "store/policies": ["store"],

  foods: ["store"],
  evaluation: ["foods", "store"],
  rag: ["embedding", "foods", "ollama", "openai", "store"],
  mcp: ["rag", "security", "store"],

  migration: ["foods", "store"],
  "migration/chroma-directory": ["migration", "sqlite", "store"],
  "migration/chroma-server": ["migration", "store", "store/chroma"],
  "migration/dump": ["migration", "store"],
  "migration/join": ["foods", "migration", "sqlite", "store"],
  "migration/backup": [],
  "migration/ledger": ["migration", "sqlite"],
  "migration/import": ["migration", "migration/ledger", "store"],
  "migration/rename": ["migration", "store"],
  "migration/omission": ["migration", "migration/ledger", "store"],
  "migration/survey": ["migration", "migration/verify", "pricing", "store"],
  "migration/verify": ["migration", "migration/dump", "store"],
  "migration/compare": ["evaluation", "migration", "store"],
  "migration/bench": ["evaluation", "migration/compare", "store"],
  "migration/run": [
    "evaluation",
    "migration",
    "migration/backup",
    "migration/bench",
    "migration/compare",
    "migration/dump",
    "migration/import",
    "migration/join",
    "migration/ledger",
    "migration/survey",
    "migration/verify",
    "store",
  ],

  pages: [],

  state: ["sqlite"],
  cutover: ["operations", "state", "store", "store/policies"],
  server: [
    "cutover",
    "embedding",
    "foods",
    "mcp",
    "operations",
    "pages",
    "rag",
    "security",
    "state",
    "store",
  ],
  operations: [
    "embedding",
    "evaluation",
    "foods",
    "migration/backup",
    "ollama",
    "pricing",
    "security",
    "state",
    "store",
    "store/chroma",
    "store/policies",
    "transport",
  ],
};

/** Rooms that put others together; nothing below knows them, but `cli` and the library's entry. */
const above = ["composition", "cli", "index"];

/** Packages that one place alone may name. */
const owners: Record<string, string> = {
  "@upstash/vector": "store/upstash.ts",
  chromadb: "store/chroma/",
  pg: "state/postgres/",
  ollama: "ollama/",
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const source = fileURLToPath(new URL("../src", import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll(sep, "/"))
  .filter((file) => file.endsWith(".ts") && !file.startsWith("embedded/kernel/assembly/"));

/** What a file imports and re-exports: static, dynamic and types. */
function specifiersOf(file: string): string[] {
  const text = readFileSync(`${source}/${file}`, "utf8");
  return Array.from(
    text.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)["']([\w@./:-]+)["']/g),
    ([, name]) => name as string,
  );
}

const imports: readonly Import[] = files.flatMap((from) =>
  specifiersOf(from)
    .filter((name) => name.startsWith("."))
    .map((name) => ({ from, to: posix.normalize(posix.join(posix.dirname(from), name)) })),
);

function roomOf(file: string): string {
  const [first = "", second = "", third] = file.split("/");
  if (second === "" || first === "entries") return "index";
  const hasRooms = first === "embedded" || first === "migration" || first === "store";
  return hasRooms && third !== undefined ? `${first}/${second}` : first;
}

/** The reason why an import is forbidden, or nothing. */
function fault({ from, to }: Import): string | undefined {
  const room = roomOf(from);
  const other = roomOf(to);
  if (other === room || other === "foundation") return undefined;
  if (room === "cli" || room === "index") return other === "cli" || other === "index" ? "closed" : undefined;
  if (room === "composition") return above.includes(other) ? "closed" : undefined;
  if (doors[room] === undefined) return `room ${room} is missing in the table of doors`;
  return doors[room].includes(other) ? undefined : `no door from ${room} to ${other}`;
}

/** The first import cycle below `file`, as a path that ends where it begins. */
function findCycle(): string[] | undefined {
  const targets = groupByFile(imports);
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    if (finished.has(file)) return undefined;
    path.push(file);
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(file);
    return undefined;
  };
  for (const file of files) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

function groupByFile(all: readonly Import[]): Map<string, Import[]> {
  const groups = new Map<string, Import[]>();
  for (const one of all) groups.set(one.from, [...(groups.get(one.from) ?? []), one]);
  return groups;
}

/** Sources of `src` that run in a browser too; of other rooms the pages import types only. */
const browserRooms = [
  "embedded/filter/",
  "foundation/duration-text.ts",
  "foundation/edit-distance.ts",
  "foundation/exact-json/",
  "operations/objectives/standing.ts",
  "rag/understanding/describe-constraint.ts",
  "rag/understanding/personal.ts",
];
/** Rooms whose types describe what the pages receive. */
const describedRooms = [...browserRooms, "cutover/", "embedded/", "operations/", "rag/", "server/"];

/** The imports of `src` in the pages, with whether they are types only. */
function importsOfPages(): { from: string; to: string; isType: boolean }[] {
  const web = fileURLToPath(new URL("../web", import.meta.url));
  const pages = readdirSync(web, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll(sep, "/"))
    .filter((file) => /\.tsx?$/.test(file));
  return pages.flatMap((from) => {
    const text = readFileSync(`${web}/${from}`, "utf8");
    const found = text.matchAll(/\b(?:import|export)\s+(type\s)?[^"';]*?["'](\.[\w@./-]+)["']/g);
    return Array.from(found, ([, type, name]) => ({
      from,
      to: posix.normalize(posix.join("web", posix.dirname(from), name as string)),
      isType: type !== undefined,
    })).filter(({ to }) => to.startsWith("src/"));
  });
}

describe("the door from web to src", () => {
  it("lets types through, and code that needs nothing of Node.js", () => {
    const faults = importsOfPages().filter(({ to, isType }) => {
      const rooms = isType ? describedRooms : browserRooms;
      return !rooms.some((room) => to.startsWith(`src/${room}`));
    });
    expect(faults).toEqual([]);
  });
});

describe("the doors between the rooms of src", () => {
  it("lets no import through a wall", () => {
    const faults = imports.flatMap((one) => {
      const reason = fault(one);
      return reason === undefined ? [] : [`${one.from} imports ${one.to}: ${reason}`];
    });
    expect(faults).toEqual([]);
  });

  it("finds no import cycle, types included", () => {
    expect(findCycle()).toBeUndefined();
  });

  it("lists no door that nothing passes", () => {
    const passed = new Set(imports.map(({ from, to }) => `${roomOf(from)} → ${roomOf(to)}`));
    const unused = Object.entries(doors).flatMap(([room, others]) =>
      others.map((other) => `${room} → ${other}`).filter((door) => !passed.has(door)),
    );
    expect(unused).toEqual([]);
  });

  it("finds the files that its table is about", () => {
    expect(files.length).toBeGreaterThan(300);
    expect(imports.length).toBeGreaterThan(1000);
  });

  it("lets one place alone name a vendor's package", () => {
    const faults = files.flatMap((file) =>
      specifiersOf(file)
        .filter((name) => owners[name] !== undefined && !file.startsWith(owners[name]))
        .map((name) => `${file} names ${name}`),
    );
    expect(faults).toEqual([]);
  });

  it("leaves index.ts alone at the root", () => {
    expect(files.filter((file) => !file.includes("/"))).toEqual(["index.ts"]);
  });
});
