/**
 * Runs the examples of docs/integrations.md against a fresh emulator and service: `npm run try:integrations`, or some
 * of them by name after `--`. Their libraries are too large for the development of ragfood, so they are installed in a
 * temporary directory.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const main = join(root, "dist/cli/main.js");

/** The libraries of each example, by its heading, and the text that it prints. */
const examples = {
  "AI SDK": { packages: ["ai@5", "@ai-sdk/openai-compatible@1", "zod@4"], prints: "[1]" },
  "LangChain.js": {
    packages: ["@langchain/community@1", "@langchain/core@1", "@upstash/vector@1"],
    prints: "Gazpacho is a cold soup",
  },
  Mastra: { packages: ["@mastra/upstash", "@mastra/core"], prints: "gazpacho" },
};

/** @param {string} heading @returns the first JavaScript below it */
function codeOf(heading) {
  const text = readFileSync(join(root, "docs/integrations.md"), "utf8");
  const [, code] = text.split(`\n### ${heading}\n`)[1]?.match(/```js\n([\s\S]*?)```/) ?? [];
  if (code === undefined) throw new Error(`docs/integrations.md has no example of ${heading}.`);
  return code;
}

/** @param {string[]} words @returns a process of ragfood, and what it prints first that matches */
function start(words, directory, pattern) {
  const child = spawn(process.execPath, [main, ...words], {
    cwd: directory,
    env: { ...process.env, GENERATOR: "extractive" },
  });
  const ready = new Promise((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
      const found = pattern.exec(out);
      if (found) resolve(found[1]);
    });
    child.once("exit", () => reject(new Error(`ragfood ${words[0]} ended: ${out}`)));
  });
  return { child, ready };
}

const directory = mkdtempSync(join(tmpdir(), "ragfood-integrations-"));
const token = "local-token-of-the-examples";
const emulatorWords = ["emulator", "--memory", "--type", "DENSE", "--dimension", "64", "--port", "0"];
const emulator = start([...emulatorWords, "--token", token], directory, /REST_URL=(\S+)[\s\S]*Ready/);
const service = start(["serve", "--port", "0"], directory, /Ready: ([^\s"]+)/);
let failures = 0;
try {
  const environment = {
    ...process.env,
    UPSTASH_VECTOR_REST_URL: await emulator.ready,
    UPSTASH_VECTOR_REST_TOKEN: token,
  };
  const url = await service.ready;
  const named = process.argv.slice(2);
  for (const [heading, { packages, prints }] of Object.entries(examples)) {
    if (named.length > 0 && !named.includes(heading)) continue;
    const place = join(directory, heading.replace(/\W/g, "-"));
    mkdirSync(place);
    writeFileSync(join(place, "package.json"), '{ "type": "module" }');
    writeFileSync(join(place, "example.js"), codeOf(heading).replaceAll("http://127.0.0.1:8080", url));
    // The peers of these libraries are looser than npm allows; their examples are the test.
    const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
    spawnSync("npm", [...install, ...packages], { cwd: place, stdio: ["ignore", "ignore", "inherit"] });
    const { stdout, stderr } = spawnSync(process.execPath, ["example.js"], {
      cwd: place,
      encoding: "utf8",
      env: environment,
      timeout: 60_000,
    });
    const hasPassed = stdout.includes(prints);
    console.log(`${hasPassed ? "pass" : "FAIL"} ${heading}${hasPassed ? "" : `\n${stdout}${stderr}`}`);
    if (!hasPassed) failures++;
  }
} finally {
  emulator.child.kill();
  service.child.kill();
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
