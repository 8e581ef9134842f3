/**
 * Every figure of the embedded index, one after the other: `npm run bench:index -- --rivals DIR`. Each part is a
 * separate program and prints the machine, its load and its data. --only runs some parts; without --rivals the
 * comparison is skipped. The million rows take longest.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: settings } = parseArgs({
  options: {
    only: { type: "string", default: "dense,metrics,growth,texts,million,rivals" },
    rivals: { type: "string", default: "" },
    directory: { type: "string" },
  },
});

type Program = readonly [script: string, ...settings: string[]];

const similarities = ["COSINE", "DOT_PRODUCT", "EUCLIDEAN"];
const dimensions = ["384", "1000", "3072"];

const parts: Record<string, readonly Program[]> = {
  dense: [["dense.js"]],
  metrics: dimensions.flatMap((dimension) =>
    similarities.map(
      (similarity): Program => [
        "dense.js",
        ...(["--data", "clustered", "--rows", "60000", "--queries", "50"] as const),
        ...(["--dimension", dimension, "--similarity", similarity] as const),
      ],
    ),
  ),
  growth: [["dense.js", "--rows", "10000", "--data", "clustered"]],
  texts: [["served.js"]],
  million: [["dense.js", "--rows", "1000000", "--queries", "100", "--data", "clustered"]],
  rivals:
    settings.rivals === "" ? [] : [["rivals.js", "--rivals", settings.rivals, "--data", "clustered,iid"]],
};

for (const name of settings.only.split(",")) {
  const programs = parts[name];
  if (programs === undefined) {
    console.error(`There is no part "${name}"; there are ${Object.keys(parts).join(", ")}.`);
    process.exit(2);
  }
  for (const [script, ...rest] of programs) run(name, script, rest);
}

function run(name: string, script: string, rest: readonly string[]): void {
  console.log(`\n=== ${[name, ...rest].join(" ")}`);
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const directory =
    settings.directory === undefined || script === "served.js" ? [] : ["--directory", settings.directory];
  const { status } = spawnSync(process.execPath, [path, ...rest, ...directory], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
