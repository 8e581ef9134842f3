import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A file of this content, gone after the test. */
export function temporaryFile(content: string | Uint8Array, name = "foods.json"): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, content);
  return file;
}
