import { useEffect, useState } from "preact/hooks";
import { keyEvent } from "../service/access-keys.ts";
import type { FacetsResponse } from "../service/contract.ts";
import { requestJson } from "../service/request.ts";
import { type FilterGroup, filterGroups, mostValues } from "./facets.ts";

/** The filters that the data offers; `undefined` until they arrive, empty if the service has none to offer. */
export function useFacets(): readonly FilterGroup[] | undefined {
  const [groups, setGroups] = useState<readonly FilterGroup[]>();
  useEffect(() => {
    const control = new AbortController();
    const { signal } = control;
    const read = () =>
      requestJson<FacetsResponse>(`./api/foods/facets?limit=${mostValues}`, { signal }).then(
        ({ facets }) => setGroups(filterGroups(facets)),
        // Questions work without filters: what is wrong with the service shows when one is asked.
        () => setGroups([]),
      );
    void read();
    addEventListener(keyEvent, read, { signal });
    return () => control.abort();
  }, []);
  return groups;
}
