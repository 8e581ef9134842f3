import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { Readable, Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { batchesOf } from "../../foundation/batches.ts";
import { ByteReader } from "./byte-reader.ts";

/** An object of a repository's history: a file's content, a commit or a tag. */
export interface GitObject {
  readonly id: string;
  readonly type: "blob" | "commit" | "tag";
  /** Path at which the content was first found; `""` for commits and tags. */
  readonly path: string;
  /** Must be read before the next object is requested. */
  readonly content: AsyncIterable<Buffer>;
}

/** Facts about a repository that are known before it is scanned. */
export interface Repository {
  readonly root: string;
  /** Whether the clone is shallow. */
  readonly isShallow: boolean;
}

const run = promisify(execFile);

/** Options against locks, replaced objects, colours and quoted paths. */
const plainly = ["--no-optional-locks", "--no-replace-objects", "-c", "core.quotepath=off"];

/** The output of `git`. @throws {Error} if git is not installed or fails */
async function git(directory: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run("git", [...plainly, ...words], {
    cwd: directory,
    maxBuffer: 1024 * 1024 * 1024,
    encoding: "utf8",
  });
  return stdout;
}

/** The repository that contains a directory, or a reason why it cannot be read. */
export async function openRepository(directory: string): Promise<Repository | string> {
  try {
    const answer = await git(directory, ["rev-parse", "--show-toplevel", "--is-shallow-repository"]);
    const [root = "", shallow = ""] = answer.trimEnd().split(/\n(?=[^\n]*$)/);
    return { root, isShallow: shallow === "true" };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return "git is not installed";
    if (/not a git repository/i.test(stderr ?? "")) return "this is not a git repository";
    return `git cannot read it (${(stderr ?? (error as Error).message).trim().split("\n")[0]})`;
  }
}

/** Files in a directory of the repository that are tracked, or untracked and not ignored. */
export async function listFiles(directory: string): Promise<string[]> {
  const listed = await git(directory, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  return [...new Set(listed.split("\0").filter((path) => path !== ""))];
}

/**
 * Every file content, commit and tag that a ref, a stash or the index can reach, once. Memory is bounded: objects
 * stream one at a time through three git processes.
 *
 * @throws {Error} if git fails
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
  // Reported below, after the output read so far is processed.
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

/** The commit that introduced a content, and its path there. */
export interface Origin {
  readonly commit: string;
  readonly path: string;
}

/** Contents per `git log` call, because the length of a command line is limited. */
const blobsAtOnce = 500;

/** The commits that introduced contents. Contents that are only staged have no entry. */
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
  for (const batch of batchesOf(blobs, blobsAtOnce)) {
    const wanted = batch.map((blob) => `--find-object=${blob}`);
    const log = await git(root, ["log", ...words, ...wanted]);
    // The log lists the newest commit first, so the commit that introduced a content is read last.
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

/** Passes on each content, commit and tag once. Drops trees. */
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
