import { DataError, RagfoodError } from "../foundation/errors.ts";
import type { VectorIndex } from "./index/vector-index.ts";
import { dispatch, resolveTarget } from "./protocol/dispatch.ts";
import { Faults } from "./protocol/faults.ts";
import { nameOfSeed, readSeed, type SeedRecord, type SeedRecords, seedHint } from "./seed-file.ts";

/**
 * Fills an empty index from a list of records, or from a file with them: a JSON list or JSON Lines of records as `upsert` takes them (with
 * `vector` or `sparseVector`) or as `upsert-data` does (with `data` only), each with an optional `namespace`.
 * An index with records is not changed.
 *
 * @throws {DataError} if the file cannot be read, or the index refuses a record, with its line
 */
export async function seedIndex(index: VectorIndex, seed: string | SeedRecords): Promise<void> {
  if (index.info().namespaces.some(({ recordCount }) => recordCount > 0)) return;
  const { batch } = index.limits;
  const write = (path: string, records: readonly SeedRecord[]) =>
    dispatch(
      index,
      new Faults(),
      resolveTarget(path, ""),
      records.map(({ item: { namespace: _, ...item } }) => item),
    );
  try {
    for (const [path, records] of groups(readSeed(seed))) {
      for (let start = 0; start < records.length; start += batch) {
        const part = records.slice(start, start + batch);
        await write(path, part).catch(async (error: unknown) => {
          if (!(error instanceof RagfoodError)) throw error;
          throw refused(
            nameOfSeed(seed),
            (await findRefused(part, (record) => write(path, [record]))) ?? { error },
          );
        });
      }
    }
  } catch (error) {
    // At the next start, half a seed would look like a whole one.
    index.resetAll();
    throw error;
  }
}

interface Refusal {
  readonly record?: SeedRecord;
  readonly error: RagfoodError;
}

/** The first record that is also refused in a batch of one. */
async function findRefused(
  records: readonly SeedRecord[],
  write: (record: SeedRecord) => Promise<unknown>,
): Promise<Refusal | undefined> {
  for (const record of records) {
    try {
      await write(record);
    } catch (error) {
      if (error instanceof RagfoodError) return { record, error };
      throw error;
    }
  }
  return undefined;
}

function refused(file: string, { record, error }: Refusal): DataError {
  const place = record === undefined ? "" : `line ${record.line}, record ${record.number}: `;
  return new DataError(file, `${file} cannot seed the index: ${place}${error.message}`, {
    cause: error,
    ...(record && { faults: [{ line: record.line, index: record.number - 1, problem: error.message }] }),
    hint: error.hint ?? seedHint,
  });
}

/** Records by their path: the command, with the namespace if they have one. */
function groups(records: readonly SeedRecord[]): Map<string, SeedRecord[]> {
  const byPath = new Map<string, SeedRecord[]>();
  for (const record of records) {
    const { namespace } = record.item;
    const command = "vector" in record.item || "sparseVector" in record.item ? "upsert" : "upsert-data";
    const path = typeof namespace === "string" && namespace !== "" ? `${command}/${namespace}` : command;
    const group = byPath.get(path);
    if (group) group.push(record);
    else byPath.set(path, [record]);
  }
  return byPath;
}
