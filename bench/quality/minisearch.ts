import { readFileSync } from "node:fs";
import MiniSearch from "minisearch";

/** Fields of a food that hold words. */
const fields = [
  "name",
  "text",
  "region",
  "continent",
  "type",
  "ingredients",
  "allergens",
  "diet",
  "season",
  "meal",
  "occasion",
];

/**
 * The peer: MiniSearch as its documentation sets it up, with fuzzy 0.2 over all fields and the name boosted.
 *
 * @returns a search that gives ids, best first
 */
export function openMiniSearch(file: string): (text: string, topK: number) => string[] {
  const index = new MiniSearch({ fields, searchOptions: { fuzzy: 0.2, boost: { name: 2 } } });
  const foods: Record<string, unknown>[] = JSON.parse(readFileSync(file, "utf8"));
  index.addAll(
    foods.map((food) =>
      Object.fromEntries(
        Object.entries(food).map(([field, value]) => [field, Array.isArray(value) ? value.join(" ") : value]),
      ),
    ),
  );
  return (text, topK) =>
    index
      .search(text)
      .slice(0, topK)
      .map(({ id }) => String(id));
}
