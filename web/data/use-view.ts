import { useCallback, useLayoutEffect, useState } from "preact/hooks";
import { formatView, parseView, type View } from "./query/view.ts";

/** The row in sight alone; it makes no new entry in the history. */
function isOnlyRow(change: Partial<View>): boolean {
  return Object.keys(change).every((name) => name === "row");
}

/** The view that the address holds. A change makes an entry in the history, so that Back returns. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => parseView(location.search));
  useLayoutEffect(() => {
    const onPopState = () => setView(parseView(location.search));
    addEventListener("popstate", onPopState);
    return () => removeEventListener("popstate", onPopState);
  }, []);
  const change = useCallback((part: Partial<View>) => {
    const next = { ...parseView(location.search), ...part };
    const address = location.pathname + formatView(next);
    if (address !== location.pathname + location.search) {
      if (isOnlyRow(part)) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
    }
    setView(next);
  }, []);
  return [view, change];
}
