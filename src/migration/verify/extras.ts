import { batchesOf } from "../../foundation/batches.ts";
import type { DifferenceLog } from "./difference-log.ts";
import { extra } from "./verify.ts";
import { absentFromSource, targetIds, type WalkOptions } from "./walk.ts";

/** Ids in one deletion: the most that Upstash takes. */
const deletedAtOnce = 1_000;

export interface ExtrasReport {
  readonly deleted: number;
  /** Extras that stay because the migration did not write them, although extras were to be deleted. */
  readonly foreignCount: number;
  readonly deletionWithheld: string | undefined;
}

export interface ExtrasOptions {
  readonly walk: WalkOptions;
  readonly shallDelete: boolean;
  /** How the source was seen to change while it was read. */
  readonly sourceChange: string | undefined;
  readonly wasWritten?: (id: string) => boolean | Promise<boolean>;
  /** Receives the ids that were deleted. */
  readonly onDeleted: (ids: readonly string[]) => void;
  readonly found: DifferenceLog;
  readonly remaining: DifferenceLog;
}

/**
 * Finds records that only the target has, and deletes those that may be deleted; memory holds their ids. Before the
 * deletion the ids of the source are read once more, because a record may have come to both sides in between.
 */
export async function deleteExtras(options: ExtrasOptions): Promise<ExtrasReport> {
  const { walk, shallDelete, found, remaining } = options;
  const deletionWithheld = shallDelete ? reasonToWithhold(options) : undefined;
  const doomed = new Set<string>();
  let foreignCount = 0;
  for await (const page of targetIds(walk.target, walk)) {
    for (const id of page) {
      if (walk.ids.has(id)) continue;
      found.add(extra(id));
      const isOwn = shallDelete && (await mayDelete(id, options));
      if (shallDelete && !isOwn) foreignCount++;
      if (isOwn && deletionWithheld === undefined) doomed.add(id);
      else remaining.add(extra(id));
    }
    await remaining.flush();
  }
  return { deleted: await deleteIds(doomed, options), foreignCount, deletionWithheld };
}

function reasonToWithhold({ walk, sourceChange }: ExtrasOptions): string | undefined {
  if (sourceChange !== undefined) return `${sourceChange} Nothing was deleted.`;
  if (walk.ids.size > 0) return undefined;
  return "The source is empty: to empty the target too, reset its namespace. Nothing was deleted.";
}

async function mayDelete(id: string, { wasWritten }: ExtrasOptions): Promise<boolean> {
  return wasWritten === undefined || (await wasWritten(id));
}

async function deleteIds(doomed: ReadonlySet<string>, { walk, onDeleted }: ExtrasOptions): Promise<number> {
  if (doomed.size === 0) return 0;
  const { target, source, signal } = walk;
  const ids = [...(await absentFromSource(source, doomed, walk))];
  if (ids.length === 0) return 0;
  let deleted = 0;
  // Batch by batch, so that what was deleted before a failure is known.
  for (const batch of batchesOf(ids, deletedAtOnce)) {
    deleted += await target.store.delete({ ids: batch }, { namespace: target.namespace, signal });
    onDeleted(batch);
  }
  return deleted;
}
