import { useEffect } from "preact/hooks";

/** `/` moves the focus to the search field, unless something is being typed. */
export function useSearchKey(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as Element).matches("input, textarea, select")) return;
      event.preventDefault();
      document.querySelector<HTMLElement>(".query-input")?.focus();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
