/** Where the runbook says what to do about an alert, by its key: `docs/runbook.md#objective-errors`. */
export function runbookOf(key: string): string {
  return `docs/runbook.md#${key.replace(/^store:.*$/, "store").replaceAll(":", "-")}`;
}
