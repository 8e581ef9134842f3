import type { Page } from "./pages.ts";

const key = "ragfood.chosen-page";

/** Remembers that a page is opened with the keyboard, until it is there. */
export function choosePage(id: Page["id"]): void {
  sessionStorage.setItem(key, id);
}

/**
 * Moves the focus to the heading of a page that was chosen with the keyboard: screen readers say where the user is, and
 * the next Tab leads into the page and not through the rail again. A page that was chosen in another way is left alone.
 */
export function focusChosenPage(id: Page["id"]): void {
  const chosen = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (chosen !== id) return;
  const heading = document.querySelector<HTMLElement>("#content h1");
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
