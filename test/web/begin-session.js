/**
 * Runs in the page, before its scripts. What an earlier test stored is gone when a test opens an origin first.
 * @param {{ test: string, session: Record<string, string> }} given
 */
(given) => {
  if (!location.protocol.startsWith("http") || sessionStorage.getItem("test") === given.test) return;
  sessionStorage.clear();
  localStorage.clear();
  for (const [name, value] of Object.entries({ ...given.session, test: given.test }))
    sessionStorage.setItem(name, value);
};
