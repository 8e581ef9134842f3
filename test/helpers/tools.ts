import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program of the system that some tests need. */
export interface Tool {
  /** Its path; `undefined` if this machine does not have it. */
  readonly path: string | undefined;
  /** The reason to put into the title of a test that is not run: `(not run: no promtool on this machine)`. */
  readonly obstacle: string | undefined;
}

/** Debian keeps the servers of PostgreSQL outside the search path, by version. */
function postgresDirectories(): string[] {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).sort((left, right) => Number(right) - Number(left));
  return versions.map((version) => join(root, version, "bin"));
}

function find(names: readonly string[], directories: readonly string[] = []): Tool {
  const searched = [...directories, ...(process.env.PATH ?? "").split(delimiter)];
  const path = searched
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((candidate) => existsSync(candidate));
  return { path, obstacle: path === undefined ? `(not run: no ${names[0]} on this machine)` : undefined };
}

/** `initdb` of a PostgreSQL server; the other programs of the server are in the same directory. */
export const initdb: Tool = find(["initdb"], postgresDirectories());
export const chromium: Tool = find(["chromium", "chromium-browser", "google-chrome"]);
export const promtool: Tool = find(["promtool"]);
export const openssl: Tool = find(["openssl"]);
export const python: Tool = find(["python3"]);
export const bash: Tool = find(["bash"]);
export const tar: Tool = find(["tar"]);
export const curl: Tool = find(["curl"]);
export const jq: Tool = find(["jq"]);
