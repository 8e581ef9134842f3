import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * Opens a `<dialog>` as a modal: focus stays inside, Esc and a click outside close it, and focus returns to where it
 * was. The component that renders it closes it by no longer rendering it.
 */
export function useModal(onClose: () => void): RefObject<HTMLDialogElement | null> {
  const element = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    const onCancel = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    const onPointerDown = (event: PointerEvent) => {
      // The dialog's own box has no padding: what hits the element itself hit its backdrop.
      if (event.target === dialog) close.current();
    };
    dialog?.addEventListener("cancel", onCancel);
    dialog?.addEventListener("pointerdown", onPointerDown);
    dialog?.showModal();
    return () => {
      dialog?.removeEventListener("cancel", onCancel);
      dialog?.removeEventListener("pointerdown", onPointerDown);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return element;
}
