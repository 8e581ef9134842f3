import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleFoods } from "./foods.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A project directory with a small data file that `.env` names. */
export function project(env = ""): { directory: string; dataFile: string } {
  const directory = temporaryDirectory();
  const dataFile = join(directory, "foods.json");
  writeFileSync(dataFile, JSON.stringify(sampleFoods, null, 2));
  writeFileSync(join(directory, ".env"), `JSON_FILE=${dataFile}\n${env}`, { mode: 0o600 });
  return { directory, dataFile };
}
