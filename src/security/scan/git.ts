import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { Readable, Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { ByteReader } from "./byte-reader.ts";

/** An object of a repository's history: a file's content, a commit or a tag. */
export interface GitObject {
  readonly id: string;
  readonly type: "blob" | "commit" | "tag";
  /** Where the content stood when it was first met; `""` for commits and tags. */
  readonly path: string;
  /** To be read before the next object is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

/** What can be told of a repository before it is read. */
export interface Repository {
  readonly root: string;
  /** Whether its history was cut off when it was cloned. */
  readonly isShallow: boolean;
}

const run = promisify(execFile);

/** Nothing is locked, replaced or coloured, and no path is quoted. */
const plainly = ["--no-optional-locks", "--no-replace-objects", "-c", "core.quotepath=off"];

/** The text that `git` prints. @throws {Error} when there is no git, or it fails */
async function git(directory: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run("git", [...plainly, ...words], {
    cwd: directory,
    maxBuffer: 1024 * 1024 * 1024,
    encoding: "utf8",
  });
  return stdout;
}

/** The repository that a directory belongs to; a sentence that says why there is none to be read. */
export async function openRepository(directory: string): Promise<Repository | string> {
  try {
    const answer = await git(directory, ["rev-parse", "--show-toplevel", "--is-shallow-repository"]);
    const [root = "", shallow = ""] = answer.trimEnd().split(/\n(?=[^\n]*$)/);
    return { root, isShallow: shallow === "true" };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return "git is not installed";
    if (/not a git repository/i.test(stderr ?? "")) return "this is no git repository";
    return `git cannot read it (${(stderr ?? (error as Error).message).trim().split("\n")[0]})`;
  }
}

/** Tracked files and those that are neither tracked nor ignored, in a directory of the repository. */
export async function listFiles(directory: string): Promise<string[]> {
  const listed = await git(directory, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  return [...new Set(listed.split("\0").filter((path) => path !== ""))];
}

/**
 * Every content, commit and tag that a branch, a tag, a stash, any other ref or the index leads to, once.
 * Memory is bounded: what git lists flows through three of its processes, one object at a time.
 *
 * @throws {Error} when git fails
 */
export async function* readHistory({ root }: Repository): AsyncGenerator<GitObject> {
  const stashes = (await git(root, ["stash", "list", "--format=%H"])).split("\n");
  const staged = (await git(root, ["ls-files", "-s", "-z"]))
    .split("\0")
    .map((entry) => /^100\d{3} (?<id>[0-9a-f]+) \d\t(?<path>[\s\S]*)$/.exec(entry)?.groups)
    .map((entry) => (entry ? `${entry.id} ${entry.path?.split("\n")[0]}` : ""));
  const list = start(root, ["rev-list", "--objects", "--all", "--stdin"]);
  list.stdin.end(stashes.join("\n"));
  const check = start(root, ["cat-file", "--batch-check=%(objectname) %(objecttype) %(rest)"]);
  const read = start(root, ["cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)"]);
  const processes = [list, check, read];
  const flow = Promise.all([
    pipeline(concatenated(list.stdout, staged), check.stdin),
    pipeline(check.stdout, interesting(), read.stdin),
    ...processes.map(finished),
  ]);
  // Told below, once what was read before is dealt with.
  flow.catch(() => {});
  try {
    const reader = new ByteReader(read.stdout);
    for (let header = await reader.line(); header !== undefined; header = await reader.line()) {
      const [, id = "", type = "", size = "0", path = ""] = /^(\S+) (\S+) (\d+) ?(.*)$/.exec(header) ?? [];
      if (type !== "blob" && type !== "commit" && type !== "tag") continue;
      const content = reader.bytes(Number(size));
      yield { id, type, path: Buffer.from(path, "latin1").toString("utf8"), content };
      for await (const _ of content);
      for await (const _ of reader.bytes(1));
    }
    await flow;
  } finally {
    for (const process of processes) process.kill();
  }
}

/** The commit that brought a content, and the path it has there. */
export interface Origin {
  readonly commit: string;
  readonly path: string;
}

/** Contents that one look through the history asks for: a command line has an end. */
const blobsAtOnce = 500;

/** Where contents come from; those that no commit has, as they are only staged, are left out. */
export async function originsOf(
  { root }: Repository,
  blobs: readonly string[],
): Promise<ReadonlyMap<string, Origin>> {
  const origins = new Map<string, Origin>();
  const words = [
    "--all",
    "-m",
    "--root",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "-z",
    "--format=%x01%H%x02",
  ];
  for (let first = 0; first < blobs.length; first += blobsAtOnce) {
    const wanted = blobs.slice(first, first + blobsAtOnce).map((blob) => `--find-object=${blob}`);
    const log = await git(root, ["log", ...words, ...wanted]);
    // The log begins with the latest: the first commit to have a content is the last to be read.
    for (const entry of log.split("\u0001")) {
      const [commit = "", changes = ""] = entry.split("\u0002");
      for (const change of changes.matchAll(/:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) \w+\0([^\0]*)\0/g)) {
        origins.set(change[1] as string, { commit, path: change[2] as string });
      }
    }
  }
  return origins;
}

type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

function start(directory: string, words: readonly string[]): GitProcess {
  return spawn("git", [...plainly, ...words], { cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
}

async function finished(process: GitProcess): Promise<void> {
  let problem = "";
  process.stderr.on("data", (chunk: Buffer) => {
    problem = (problem + chunk.toString()).slice(0, 1_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    process.on("error", reject);
    process.on("close", resolve);
  });
  if (code !== 0) throw new Error(problem.trim().split("\n")[0] || `git ended with ${code}`);
}

function concatenated(list: AsyncIterable<Buffer>, lines: readonly string[]): Readable {
  return Readable.from(
    (async function* () {
      yield* list;
      for (const line of lines) if (line !== "") yield Buffer.from(`${line}\n`);
    })(),
  );
}

/** Lets each content, commit and tag through, once, and no tree. */
function interesting(): Transform {
  const seen = new Set<string>();
  let rest = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      const chosen = lines.flatMap((line) => {
        const [id = "", type = ""] = line.split(" ", 2);
        if (type !== "blob" && type !== "commit" && type !== "tag") return [];
        if (seen.has(id)) return [];
        seen.add(id);
        return [`${id} ${line.slice(id.length + type.length + 2)}\n`];
      });
      done(null, Buffer.from(chosen.join(""), "latin1"));
    },
  });
}
