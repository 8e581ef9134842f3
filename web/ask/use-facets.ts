import { useEffect, useState } from "preact/hooks";
import { requestJson } from "../service/request.ts";
import { type Facet, type FilterGroup, filterGroups } from "./facets.ts";

/** The filters that the data offers; `undefined` until they arrive, empty if the service has none to offer. */
export function useFacets(): readonly FilterGroup[] | undefined {
  const [groups, setGroups] = useState<readonly FilterGroup[]>();
  useEffect(() => {
    const control = new AbortController();
    requestJson<{ facets: readonly Facet[] }>("./api/foods/facets", { signal: control.signal }).then(
      ({ facets }) => setGroups(filterGroups(facets)),
      // Questions work without filters: what is wrong with the service shows when one is asked.
      () => setGroups([]),
    );
    return () => control.abort();
  }, []);
  return groups;
}
