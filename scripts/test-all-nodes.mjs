/**
 * Runs the suite on every supported line of Node.js: `npm run test:all-nodes`, or with test files after `--`.
 * The package `node` on npm carries the binaries; they are kept in `.nodes`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const lines = ["20", "22", "24", "26"];
const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} line @returns the directory of the newest binary of that line */
function installed(line) {
  const directory = join(root, ".nodes", line);
  const bin = join(directory, "node_modules", "node", "bin");
  if (!existsSync(join(bin, "node"))) {
    mkdirSync(directory, { recursive: true });
    const words = ["install", "--prefix", directory, "--no-save", "--no-package-lock", `node@${line}`];
    spawnSync("npm", words, { stdio: "inherit" });
  }
  return bin;
}

let failures = 0;
for (const line of lines) {
  const bin = installed(line);
  const version = spawnSync(join(bin, "node"), ["--version"], { encoding: "utf8" }).stdout?.trim();
  console.log(`\nNode.js ${version || `${line} cannot be installed`}`);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const { status } = spawnSync(join(bin, "node"), [vitest, "run", ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter) },
  });
  if (status !== 0) failures++;
}
process.exitCode = failures === 0 ? 0 : 1;
