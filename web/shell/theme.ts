/** Chosen by the user; `system` follows the system's setting. */
export type Theme = "system" | "light" | "dark";

const key = "ragfood.theme";

export function readTheme(): Theme {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Applies a theme and remembers it for the next page. */
export function setTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, theme);
  applyTheme();
  // Charts draw with colours that they have read: they draw again.
  dispatchEvent(new Event("ragfood-theme"));
}

/** Gives the page the theme that was chosen: called before anything is rendered. */
export function applyTheme(): void {
  const theme = readTheme();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
