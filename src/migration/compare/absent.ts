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
  const ids = [...absent];
  for (let start = 0; start < ids.length; start += batchSize) {
    const { store, namespace } = side;
    const found = await store.fetch(ids.slice(start, start + batchSize), { namespace, ...call });
    for (const record of found) if (record) absent.delete(record.id);
  }
  return absent;
}
