import { batchesOf } from "../../foundation/batches.ts";
import type { CallOptions } from "../../store/store.ts";
import type { Answered } from "./exact-neighbours.ts";
import type { Side, SideName } from "./side.ts";

/** Records that are fetched at once. */
const batchSize = 500;

/** The ids that the other side returned and this one does not hold: no search of it could find them. */
export async function absentFrom(
  side: Side,
  answered: readonly Answered[],
  call: CallOptions,
): Promise<ReadonlySet<string>> {
  const other: SideName = side.name === "source" ? "target" : "source";
  const absent = new Set(
    answered.flatMap(({ answers }) => {
      const own = new Set(answers[side.name].ids);
      return answers[other].ids.filter((id) => !own.has(id));
    }),
  );
  const { store, namespace } = side;
  for (const ids of batchesOf([...absent], batchSize)) {
    const found = await store.fetch(ids, { namespace, ...call });
    for (const record of found) if (record) absent.delete(record.id);
  }
  return absent;
}
