import { useLayoutEffect } from "preact/hooks";

/** Fields in which a key is a letter. Boxes and radio buttons are inputs too. */
const typing = "textarea, select, input:not([type=checkbox], [type=radio])";

/** `/` calls the function, which moves the focus to the field of the page, unless something is being typed. */
export function useSearchKey(focus: () => void): void {
  // Not `useEffect`, which runs after the paint: a key that is pressed as soon as the page is seen would be lost.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as Element).matches(typing)) return;
      event.preventDefault();
      focus();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [focus]);
}
