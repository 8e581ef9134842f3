/** Chosen by the user; `system` follows the system's setting. */
export type Theme = "system" | "light" | "dark";

const key = "ragfood.theme";

export function readTheme(): Theme {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Applies a theme and remembers it. `public/theme.js` applies it before the first paint of the next page. */
export function setTheme(theme: Theme): void {
  if (theme === "system") {
    localStorage.removeItem(key);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(key, theme);
    document.documentElement.dataset.theme = theme;
  }
  // Charts draw with colours that they have read: they draw again.
  dispatchEvent(new Event("ragfood-theme"));
}
