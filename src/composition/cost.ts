import type { Settings } from "../config/settings.ts";
import { parseEndpoint } from "../migration/run/index.ts";
import { sampledSize } from "../migration/survey/index.ts";
import { measureIndex } from "../operations/cost/measure-index.ts";
import type { Workload } from "../operations/cost/workload.ts";
import type { VectorStore } from "../store/store.ts";
import { openSource } from "./endpoints/source.ts";

/** What the user stated; `undefined`: measured, or assumed. */
export interface StatedWorkload {
  readonly recordCount: number | undefined;
  readonly dimension: number | undefined;
  readonly contentBytesPerRecord: number | undefined;
  readonly namespaceCount: number | undefined;
  readonly queriesPerDay: number;
  readonly updatesPerDay: number;
}

/** Bytes of text and metadata that a record is assumed to have; those of the shipped foods have about 2,000. */
const assumedContentBytes = 1_000;

/**
 * What a source holds, measured by its first 500 records. A source without dense vectors does not say how long those
 * of the target will be.
 *
 * @param word as the commands of a migration name it
 * @throws as `openSource`
 */
export async function sourceWorkload(
  settings: Settings,
  word: string,
  signal: AbortSignal | undefined,
): Promise<Pick<StatedWorkload, "recordCount" | "dimension" | "contentBytesPerRecord">> {
  const source = await openSource(parseEndpoint(word), { settings, signal });
  try {
    const { recordCount, contentBytes } = await sampledSize(source.records, { signal });
    const { dimension } = await source.records.describe({ signal });
    return {
      recordCount,
      dimension: dimension === 0 ? undefined : dimension,
      contentBytesPerRecord: recordCount === 0 ? undefined : Math.ceil(contentBytes / recordCount),
    };
  } finally {
    await source.close();
  }
}

/**
 * The workload of an estimate: values of the user, else measured in a store, else assumed.
 *
 * @param store the index to measure; without it nothing is read
 * @throws {ServiceError | StorageError} if the store cannot be read
 */
export async function workloadOf(
  settings: Settings,
  stated: StatedWorkload,
  store?: VectorStore,
  signal?: AbortSignal | undefined,
): Promise<{ workload: Workload; assumptions: string[] }> {
  const assumptions: string[] = [];
  const measured = store && (await measureIndex(store, { signal }));
  const assume = (value: number, text: string) => {
    assumptions.push(text);
    return value;
  };
  // The embedded index without a model has no dense vectors; a cloud index that takes its place usually does.
  const hasDense = measured !== undefined && measured.info.dimension > 0;
  const isCloud = settings.store === "upstash" && measured !== undefined;
  const dimension =
    stated.dimension ??
    (hasDense || isCloud
      ? (measured?.info.dimension ?? 0)
      : assume(
          settings.dimension,
          `Vectors of ${settings.dimension.toLocaleString("en")} dimensions (VECTOR_DIMENSION).`,
        ));
  if (dimension === 0) assumptions.push("The storage of sparse vectors is not counted.");
  const contentBytesPerRecord =
    stated.contentBytesPerRecord ??
    (measured && measured.sampleCount > 0
      ? assume(
          measured.contentBytesPerRecord,
          `Text and metadata have the mean size of ${measured.sampleCount.toLocaleString("en")} records of the index.`,
        )
      : assume(assumedContentBytes, "Text and metadata of a record have 1,000 bytes."));
  return {
    workload: {
      recordCount: stated.recordCount ?? measured?.info.recordCount ?? 0,
      dimension,
      contentBytesPerRecord,
      namespaceCount:
        stated.namespaceCount ?? Math.max(1, Object.keys(measured?.info.namespaces ?? {}).length),
      queriesPerDay: stated.queriesPerDay,
      updatesPerDay: stated.updatesPerDay,
      topK: settings.topK,
      carriesVectors: settings.embedder !== "index",
    },
    assumptions,
  };
}
