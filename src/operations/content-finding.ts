import { ingest } from "../foods/ingest.ts";
import type { FoodFileOptions } from "../foods/validate.ts";
import type { Finding } from "../foundation/finding.ts";
import { namespaceName } from "../foundation/namespace-name.ts";
import { counted } from "../foundation/plural.ts";
import type { StoreInfo, VectorStore } from "../store/store.ts";
import { examined } from "./finding.ts";

/** The data file that an index is filled from. */
export interface ContentChecks extends Pick<FoodFileOptions, "template" | "textFields"> {
  readonly file: string;
  readonly namespace: string;
  /** Whether the settings name the file; it is else the one that comes with the package. */
  readonly isNamed: boolean;
  /** Whether the first question fills an empty index. */
  readonly fillsItself: boolean;
}

/** Records of files and namespaces that are compared one by one: some seconds. Larger ones are only counted. */
const maximumCompared = 10_000;

const hint = "Run: ragfood ingest";

/**
 * Whether the index holds the data file: an ingest that was interrupted leaves a part of it.
 *
 * @param count records of the file
 */
export async function contentFinding(
  store: VectorStore,
  info: StoreInfo,
  count: number,
  { isNamed, fillsItself, signal, ...options }: ContentChecks & { readonly signal?: AbortSignal | undefined },
): Promise<Finding> {
  const subject = "Records";
  const { file, namespace } = options;
  const held = info.namespaces[namespace] ?? 0;
  const place = namespaceName(namespace);
  if (held === 0) {
    return fillsItself
      ? examined(subject, "fact", `${place} is empty; the first question fills it from ${file}`)
      : examined(subject, "warning", `${place} is empty`, hint);
  }
  if (count > maximumCompared || held > maximumCompared) {
    const detail = `${place} holds ${counted(held, "record")}; ${file} has ${count.toLocaleString("en")}`;
    return held < count
      ? examined(subject, "problem", detail, hint)
      : examined(subject, "fact", `${detail}. They were counted, not compared`);
  }
  const compared = await ingest({ ...options, store, dryRun: true, prune: true, signal });
  const { added: missing, changed, changedIds, unchanged, deleted: others } = compared;
  const all = `${counted(count, "record")} of ${file}`;
  if (unchanged === 0) {
    const detail = `${place} holds ${counted(held, "record")} from elsewhere, and none of the ${all}`;
    return isNamed
      ? examined(subject, "warning", detail, `If the file should be there, run: ragfood ingest`)
      : examined(subject, "fact", detail);
  }
  if (missing > 0) {
    return examined(subject, "problem", `${place} holds only ${count - missing} of the ${all}`, hint);
  }
  if (changed > 0) {
    const more = changed > changedIds.length ? ", …" : "";
    const detail = `${changed} of the ${all} differ in ${place}: ${changedIds.join(", ")}${more}`;
    return examined(subject, "warning", detail, hint);
  }
  const more = others > 0 ? `, and ${counted(others, "other")}` : "";
  return examined(subject, "fact", `${place} holds all ${all}${more}`);
}
