import { useEffect, useState } from "preact/hooks";
import { keyEvent } from "../service/access-keys.ts";
import type { FacetsResponse } from "../service/contract.ts";
import { requestJson } from "../service/request.ts";
import { type Example, examplesFor } from "./examples.ts";
import { type FilterGroup, filterGroups, mostValues } from "./facets.ts";

/** What the page shows of the data before the first question. */
export interface PageData {
  /** The filters that the data offers; empty if the service has none to offer. */
  readonly groups: readonly FilterGroup[];
  readonly examples: readonly Example[];
  readonly isAboutFood: boolean;
}

const nothingKnown: PageData = { groups: [], examples: [], isAboutFood: false };

/** What the records have in their fields; `undefined` until it arrives. */
export function useFacets(): PageData | undefined {
  const [view, setView] = useState<PageData>();
  useEffect(() => {
    const control = new AbortController();
    const { signal } = control;
    const read = () =>
      requestJson<FacetsResponse>(`./api/foods/facets?limit=${mostValues}`, { signal }).then(
        (response) =>
          setView({
            groups: filterGroups(response.facets),
            examples: examplesFor(response),
            isAboutFood: response.isAboutFood,
          }),
        // Questions work without filters: what is wrong with the service shows when one is asked.
        () => setView(nothingKnown),
      );
    void read();
    addEventListener(keyEvent, read, { signal });
    return () => control.abort();
  }, []);
  return view;
}
