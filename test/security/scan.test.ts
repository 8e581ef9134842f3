import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { scanSecrets } from "../../src/security/scan/scan.ts";
import { runCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { randomToken, upstashToken } from "./secrets.ts";

const assignment = (token: string) => `first line\nAPI_TOKEN = "${token}"\n`;

const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];

function git(root: string, ...words: string[]): string {
  return execFileSync("git", [...identity, ...words], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
}

/** A repository with one commit, made once and then copied. */
function freshRepository(): string {
  template ??= makeRepository();
  const root = temporaryDirectory();
  cpSync(template, root, { recursive: true });
  return root;
}

let template: string | undefined;

function makeRepository(): string {
  const root = mkdtempSync(join(tmpdir(), "ragfood-repository-"));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  git(root, "init", "-q", "-b", "main");
  writeFileSync(join(root, "readme.md"), "Nothing here.\n");
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "A change");
  return root;
}

class TestRepository {
  readonly root = freshRepository();

  git(...words: string[]): string {
    return git(this.root, ...words);
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  /** @returns the commit */
  commit(path: string, content: string | Buffer): string {
    this.write(path, content);
    return this.commitAll();
  }

  commitAll(): string {
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "A change");
    return this.git("rev-parse", "HEAD");
  }

  scan(history = true) {
    return scanSecrets({ path: this.root, history });
  }
}

describe("the files of a repository (SEC-1)", () => {
  it("finds a secret with its line, rule, length and fingerprint, and shows four characters of it", async () => {
    const repository = new TestRepository();
    const token = upstashToken();
    repository.write("src/a b.ts", `// one\n// two\nconst token = "${token}";\n`);
    const { findings } = await repository.scan(false);
    expect(findings).toEqual([
      {
        file: "src/a b.ts",
        line: 3,
        rule: "upstash-token",
        excerpt: token.slice(0, 4),
        length: token.length,
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain(token.slice(0, 8));
  });

  it("looks into what is not tracked, and not into what is ignored, linked or deleted", async () => {
    const repository = new TestRepository();
    repository.write(".gitignore", ".env\n");
    repository.write(".env", assignment(randomToken()));
    repository.write("new.txt", assignment(randomToken()));
    repository.commit("gone.txt", "nothing");
    rmSync(join(repository.root, "gone.txt"));
    execFileSync("ln", ["-s", ".env", join(repository.root, "link")]);
    expect((await repository.scan(false)).findings.map(({ file }) => file)).toEqual(["new.txt"]);
  });

  it.each([
    [
      "among bytes of any kind",
      (text: string) => Buffer.concat([Buffer.from([0, 255, 0, 10]), Buffer.from(text)]),
      3,
    ],
    ["in UTF-16", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le"), 2],
    [
      "across the edge of a window",
      (text: string) => Buffer.from("x\n".repeat(2 * 1024 * 1024 - 20) + text),
      2 * 1024 * 1024 - 18,
    ],
    [
      "in the overlap of two windows, once",
      (text: string) =>
        Buffer.from(`${"x\n".repeat(2 * 1024 * 1024 - 4_000)}${text}${"y\n".repeat(900_000)}`),
      2 * 1024 * 1024 - 3_998,
    ],
  ])("the scan finds a token %s", async (_, encode, line) => {
    const repository = new TestRepository();
    repository.write("data.bin", encode(assignment(randomToken())));
    expect((await repository.scan(false)).findings).toMatchObject([
      { file: "data.bin", line, rule: "assignment" },
    ]);
  });
});

describe("the history", () => {
  it("reports a removed secret with the commit that introduced it", async () => {
    const repository = new TestRepository();
    const commit = repository.commit("config/settings.ts", assignment(randomToken()));
    repository.commit("config/settings.ts", "clean\n");
    expect((await repository.scan()).findings).toMatchObject([
      { file: "config/settings.ts", line: 2, commit },
    ]);
    expect((await repository.scan(false)).findings).toEqual([]);
  });

  it("of files with unusual names", async () => {
    const names = ["with space.txt", "line\nbreak.txt", "–ünï🍛.txt", '"quoted".txt', "tab\t.txt", "-option"];
    const repository = new TestRepository();
    for (const name of names) repository.write(name, assignment(randomToken()));
    const commit = repository.commitAll();
    for (const name of names) rmSync(join(repository.root, name));
    repository.commitAll();
    const { findings } = await repository.scan();
    expect(new Set(findings.map(({ file }) => file))).toEqual(new Set(names));
    expect(findings).toHaveLength(names.length);
    expect(new Set(findings.map((finding) => finding.commit))).toEqual(new Set([commit]));
  });

  it("on another branch, behind a packed ref, a tag, and in the messages of both", async () => {
    const repository = new TestRepository();
    repository.git("checkout", "-q", "-b", "other");
    const commit = repository.commit("a.txt", assignment(randomToken()));
    repository.git("commit", "-q", "--allow-empty", "-m", `API_TOKEN=${randomToken()}`);
    repository.git("tag", "-a", "v1", "-m", `API_TOKEN=${randomToken()}`);
    repository.git("checkout", "-q", "main");
    repository.git("pack-refs", "--all");
    repository.git("gc", "-q");
    const { findings } = await repository.scan();
    expect(findings.map(({ file }) => file).sort()).toEqual(["(commit message)", "(tag message)", "a.txt"]);
    expect(findings).toContainEqual(expect.objectContaining({ file: "a.txt", commit }));
  });

  it("in a stash, an older one and its untracked files too, and in the index", async () => {
    const repository = new TestRepository();
    repository.write("readme.md", assignment(randomToken()));
    repository.git("stash", "-q");
    repository.write("untracked.txt", assignment(randomToken()));
    repository.git("stash", "-q", "--include-untracked");
    repository.write("staged.txt", assignment(randomToken()));
    repository.git("add", "-A");
    repository.write("staged.txt", "clean\n");
    const { findings } = await repository.scan();
    expect(findings.map(({ file }) => file).sort()).toEqual(["readme.md", "staged.txt", "untracked.txt"]);
    expect(findings.find(({ file }) => file === "staged.txt")?.commit).toBe("(staged)");
  });

  it("of one of two parents of a merge", async () => {
    const repository = new TestRepository();
    repository.git("checkout", "-q", "-b", "side");
    const commit = repository.commit("side.txt", assignment(randomToken()));
    repository.commit("side.txt", "clean");
    repository.git("checkout", "-q", "main");
    repository.commit("main.txt", "x");
    repository.git("merge", "-q", "--no-edit", "side");
    repository.git("branch", "-q", "-D", "side");
    expect((await repository.scan()).findings).toMatchObject([{ file: "side.txt", commit }]);
  });

  it("reports a shallow or missing history", async () => {
    const repository = new TestRepository();
    repository.commit("a.txt", assignment(randomToken()));
    repository.commit("a.txt", "clean\n");
    const shallow = join(temporaryDirectory(), "shallow");
    repository.git("clone", "-q", "--depth", "1", `file://${repository.root}`, shallow);
    const clone = await scanSecrets({ path: shallow, history: true });
    expect(clone.findings).toEqual([]);
    expect(clone.notices).toEqual([expect.stringContaining("shallow")]);

    const plain = temporaryDirectory();
    writeFileSync(join(plain, "a.txt"), assignment(randomToken()));
    writeFileSync(join(plain, ".env"), assignment(randomToken()));
    const outside = await scanSecrets({ path: plain, history: true });
    expect(outside.findings.map(({ file }) => file)).toEqual(["a.txt"]);
    expect(outside.notices.join(" ")).toContain("The history was not scanned: this is not a git repository.");
  });

  it("of a repository without a commit is empty", async () => {
    const root = temporaryDirectory();
    execFileSync("git", ["init", "-q"], { cwd: root });
    expect(await scanSecrets({ path: root, history: true })).toMatchObject({ findings: [], objects: 0 });
  });
});

describe("what is allowed", () => {
  it("allows a line with a reason and a fingerprint with a reason; reports an unused entry", async () => {
    const repository = new TestRepository();
    repository.commit("example.md", `API_TOKEN=${randomToken()} # allow-secret: made up\n`);
    repository.commit("fixture.txt", assignment(randomToken()));
    const [found] = (await repository.scan(false)).findings;
    repository.write(
      ".secretsignore",
      `# fixtures\n\n${found?.fingerprint} # a fixture\n0000000000000000 # nothing\n`,
    );
    const { findings, notices } = await repository.scan();
    expect(findings).toEqual([]);
    expect(notices).toEqual([".secretsignore allows what is not there: 0000000000000000."]);
  });

  it.each(["0123456789abcdef", "0123456789abcdef #", "src/ # everything", "0123 # short"])(
    "%j is no entry",
    async (entry) => {
      const repository = new TestRepository();
      repository.write(".secretsignore", `# comment\n${entry}\n`);
      await expect(repository.scan()).rejects.toMatchObject({ code: "data", faults: [{ line: 2 }] });
    },
  );
});

describe("ragfood secrets scan", () => {
  it("exits with 1 for a finding, with 0 without, with 2 called wrongly", async () => {
    const repository = new TestRepository();
    const directory = repository.root;
    expect(await runCli(["secrets", "scan"], { directory })).toMatchObject({ code: 0, out: "" });
    const token = randomToken();
    repository.commit("a.txt", assignment(token));
    const text = await runHere(["secrets", "scan"], { directory });
    expect(text.code).toBe(1);
    expect(text.out).toMatch(/^a\.txt:2 {2}assignment .{4}… \(32 characters\) {2}[0-9a-f]{16}\n/);
    expect(text.out).toMatch(/a\.txt:2 .*, commit [0-9a-f]{12} /);
    const json = await runCli(["secrets", "scan", directory, "--json", "--no-history"], { directory: "/" });
    expect(JSON.parse(json.out)).toMatchObject({ findings: [{ file: "a.txt", line: 2 }], objects: 0 });
    expect(text.out + text.error + json.out).not.toContain(token);
    expect(await runHere(["secrets"], { directory })).toMatchObject({ code: 2 });
    expect(await runHere(["secrets", "scan", "nowhere"], { directory })).toMatchObject({ code: 1 });
  });

  it("scans the files where git is not installed, and says that the history was not", async () => {
    const repository = new TestRepository();
    repository.commit("a.txt", assignment(randomToken()));
    const { code, out, error } = await runCli(["secrets", "scan"], {
      directory: repository.root,
      environment: { PATH: "/nowhere" },
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^a\.txt:2/);
    expect(error).toContain("The history was not scanned: git is not installed.");
  });
});
