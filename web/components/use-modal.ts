import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * Opens a `<dialog>` as a modal: focus and keys stay inside, Esc and a click outside close it. Focus is back on the
 * element that had it before the next key can arrive. The component that renders the dialog closes it by no longer
 * rendering it.
 */
export function useModal(onClose: () => void): RefObject<HTMLDialogElement | null> {
  const element = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  // Not `useEffect`: its cleanup runs after the next paint, and until then keys reach the body.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog === null) return;
    const listeners = new AbortController();
    const { signal } = listeners;
    dialog.addEventListener("close", () => close.current(), { signal });
    dialog.addEventListener(
      "pointerdown",
      (event) => {
        // The dialog's own box has no padding: a press on the element itself is a press on its backdrop.
        if (event.target === dialog) dialog.close();
      },
      { signal },
    );
    // The shortcuts of the page behind it do not apply: Esc closes the dialog and stops nothing else.
    dialog.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
    dialog.showModal();
    return () => {
      listeners.abort();
      // The browser gives the focus back. It does so for `close()`, not for an element that is only removed.
      dialog.close();
    };
  }, []);
  return element;
}
