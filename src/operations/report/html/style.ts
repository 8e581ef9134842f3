import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The stylesheet of a report, which becomes part of the file. */
export function readStyle(): string {
  return readFileSync(fileURLToPath(new URL("../../../../data/report.css", import.meta.url)), "utf8");
}
