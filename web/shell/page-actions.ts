import { useLayoutEffect, useRef } from "preact/hooks";
import type { PaletteEntry } from "./palette-search.ts";

type Offer = () => readonly PaletteEntry[];

const offers = new Set<Offer>();

/**
 * Offers actions in the command palette as long as the component is shown.
 * @param offer is asked when the palette opens, so that it need not stay the same function
 */
export function usePageActions(offer: Offer): void {
  const latest = useRef(offer);
  latest.current = offer;
  useLayoutEffect(() => {
    const ask = () => latest.current();
    offers.add(ask);
    return () => void offers.delete(ask);
  }, []);
}

/** The actions of what is shown now. */
export function pageActions(): PaletteEntry[] {
  return [...offers].flatMap((offer) => offer());
}

/** An action of a page. */
export function pageAction(label: string, icon: PaletteEntry["icon"], run: () => void): PaletteEntry {
  return { id: `action-${label}`, group: "Actions", label, icon, run };
}
