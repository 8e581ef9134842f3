import { useEffect, useState } from "preact/hooks";
import { type IndexRecord, includeFlags } from "../api/records.ts";
import type { OpenedIndex } from "../api/session.ts";
import { FieldCatalog, maximumRecords } from "./field-catalog.ts";

const pageSize = 1_000;

/**
 * Fields and values of the records of a namespace, up to the count that a catalog learns: rows in sight alone would
 * offer a part of the values as if it were all of them.
 *
 * @param isWanted whether they are needed now; nothing is read before
 * @returns `undefined` until they are read
 */
export function useWholeCatalog(
  { api }: OpenedIndex,
  namespace: string,
  isWanted: boolean,
): FieldCatalog | undefined {
  const [catalog, setCatalog] = useState<FieldCatalog>();
  useEffect(() => {
    if (!isWanted) return;
    const controller = new AbortController();
    const read = async () => {
      const whole = new FieldCatalog();
      let cursor = "0";
      while (cursor !== "" && whole.records < maximumRecords) {
        const body = { cursor, limit: pageSize, ...includeFlags(metadataOnly) };
        const page = await api.call<Page>("range", body, { namespace, signal: controller.signal });
        whole.learn(page.vectors);
        cursor = page.nextCursor;
      }
      setCatalog(whole);
    };
    // Without it the values of the rows in sight are offered.
    read().catch(() => {});
    return () => controller.abort();
  }, [api, namespace, isWanted]);
  return catalog;
}

const metadataOnly = { metadata: true, text: false, vectors: false };

interface Page {
  readonly nextCursor: string;
  readonly vectors: readonly IndexRecord[];
}
