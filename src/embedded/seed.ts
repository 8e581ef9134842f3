import { readFileSync } from "node:fs";
import { DataError, RagfoodError } from "../errors.ts";
import type { VectorIndex } from "./index/vector-index.ts";
import { dispatch, resolveTarget } from "./protocol/dispatch.ts";
import { Faults } from "./protocol/faults.ts";

type SeedItem = Readonly<Record<string, unknown>>;

/**
 * Fills an index that holds nothing from a file: a JSON list or JSON Lines of records as `upsert` takes
 * them (with `vector` or `sparseVector`) or as `upsert-data` does (with `data` alone), each with an
 * optional `namespace`. An index that holds records is left as it is.
 *
 * @throws {DataError} when the file cannot be read, or holds a record that the index does not take
 */
export async function seedIndex(index: VectorIndex, file: string): Promise<void> {
  if (index.info().namespaces.some(({ recordCount }) => recordCount > 0)) return;
  const { batch } = index.limits;
  try {
    for (const [path, items] of groups(readItems(file))) {
      for (let start = 0; start < items.length; start += batch) {
        await dispatch(index, new Faults(), resolveTarget(path, ""), items.slice(start, start + batch));
      }
    }
  } catch (error) {
    // Half a seed would pass for a whole one at the next start.
    index.resetAll();
    if (error instanceof DataError || !RagfoodError.is(error)) throw error;
    throw new DataError(file, `${file} cannot seed the index: ${error.message}`, { cause: error });
  }
}

function readItems(file: string): SeedItem[] {
  try {
    const text = readFileSync(file, "utf8")
      .replace(/^\uFEFF/, "")
      .trim();
    const items: unknown = text.startsWith("[")
      ? JSON.parse(text)
      : text.split("\n").map((line) => JSON.parse(line));
    if (!Array.isArray(items) || !items.every((item) => typeof item === "object" && item !== null)) {
      throw new TypeError("a record is not an object");
    }
    return items as SeedItem[];
  } catch (error) {
    throw new DataError(file, `${file} cannot be read as a seed: ${(error as Error).message}`, {
      cause: error,
      hint: 'It has to be a list of records, like [{"id": "1", "data": "a text"}].',
    });
  }
}

/** Items by the path that takes them: the command, and the namespace where there is one. */
function groups(items: readonly SeedItem[]): Map<string, SeedItem[]> {
  const byPath = new Map<string, SeedItem[]>();
  for (const { namespace, ...item } of items) {
    const command = "vector" in item || "sparseVector" in item ? "upsert" : "upsert-data";
    const path = typeof namespace === "string" && namespace !== "" ? `${command}/${namespace}` : command;
    const group = byPath.get(path);
    if (group) group.push(item);
    else byPath.set(path, [item]);
  }
  return byPath;
}
