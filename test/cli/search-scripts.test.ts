import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** E 37 to 39: words with letters that NFKD does not decompose, of scripts without blanks, with a soft hyphen. */
it("search finds texts in other letters and scripts", async () => {
  const directory = temporaryDirectory();
  const foods = [
    { id: "cake", text: "choco\u00adlate cake with cream" },
    { id: "bread", text: "Smørrebrød on rye" },
    { id: "book", text: "私は韓国料理が好きです" },
    { id: "salad", text: "ส้มตำไทยใส่ถั่วลิสง" },
  ];
  writeFileSync(join(directory, "foods.json"), JSON.stringify(foods));
  expect((await runHere(["ingest", "foods.json"], { directory })).code).toBe(0);
  const queries = { chocolate: "cake", smorrebrod: "bread", 韓国: "book", ส้มตำ: "salad" };
  for (const [query, id] of Object.entries(queries)) {
    const { out } = await runHere(["search", query, "--json"], { directory });
    const { sources } = JSON.parse(out) as { sources: { id: string }[] };
    expect(sources.map((source) => source.id)).toEqual([id]);
  }
});
