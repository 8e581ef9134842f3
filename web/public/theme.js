// Runs before the first paint: a chosen theme must not flash. Kept small, since it blocks the page.
const theme = localStorage.getItem("ragfood.theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
