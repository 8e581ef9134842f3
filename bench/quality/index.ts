/**
 * Quality of retrieval and answers, without a model, beside the bars of the project: `npm run bench:quality`.
 * NFCorpus and USDA's foods are read from --data (default: ../shared/data) if they are there. --split asks the
 * golden questions of one split (default: test); --step 10 asks facts of every tenth food only.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine, table } from "../../dist/evaluation/index.js";
import { measureFacts } from "./facts.ts";
import { measureGolden } from "./golden.ts";
import { measureLatency } from "./latency.ts";
import type { Measure } from "./measure.ts";
import { measureNfcorpus } from "./nfcorpus.ts";

const { values: settings } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data" },
    split: { type: "string", default: "test" },
    step: { type: "string", default: "1" },
    only: { type: "string", default: "golden,facts,nfcorpus,latency" },
  },
});

const usda = join(settings.data, "usda-sr28.jsonl.gz");
const wanted = settings.only.split(",");
const measures: Measure[] = [];
const { processor, cores, memory, node, load } = describeMachine();
console.log(
  `${cores} × ${processor}, ${Math.round(memory / 1024 ** 3)} GB, Node.js ${node}, load ${load.map((each) => each.toFixed(2)).join(" ")}`,
);

if (wanted.includes("golden")) {
  const { measures: golden, kinds, questions } = await measureGolden(settings.split);
  print(`Golden questions, split ${settings.split}: ${questions}`, [
    ["kind", "asked", "well (95 %)", "misleading", "top 3", "MiniSearch"],
    ...kinds,
  ]);
  measures.push(...golden);
}
if (wanted.includes("facts")) {
  const { measures: facts, fields } = await measureFacts(Number(settings.step));
  print("Facts of a named food", [["field", "asked", "right", "wrong", "first not right"], ...fields]);
  measures.push(...facts);
}
if (wanted.includes("nfcorpus")) {
  const measure = await measureNfcorpus(join(settings.data, "nfcorpus"));
  if (measure) measures.push(measure);
  else console.log(`\nNFCorpus is not in ${settings.data}: not measured.`);
}
if (wanted.includes("latency")) {
  measures.push(await measureLatency(10_000, 5, usda), await measureLatency(100_000, 10, usda));
}

print("Bars", [
  ["measure", "result (95 %)", "bar", "met"],
  ...measures.map(({ name, result, bar, isMet }) => [
    name,
    result,
    bar,
    isMet === undefined ? "–" : isMet ? "yes" : "no",
  ]),
]);

function print(title: string, [head = [], ...rows]: readonly (readonly string[])[]): void {
  console.log(`\n${title}\n\n${table(head, rows).join("\n")}`);
}
