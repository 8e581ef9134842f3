import { nearestName } from "../foundation/edit-distance.ts";
import { counted } from "../foundation/plural.ts";
import type { Finding } from "./finding.ts";

export interface SettingsFileChecks {
  readonly file: string;
  /** The names to which it gives a value. */
  readonly names: readonly string[];
  /** Lines, from 1, that set nothing and are no comment. */
  readonly strayLines: readonly number[];
  /** All settings that there are. */
  readonly known: readonly string[];
}

/**
 * Whether what a settings file says is heeded: a name that is misspelt sets nothing, and where it is that of
 * the cloud's URL, the embedded index answers without a word. Names of other programs may stand there too.
 */
export function settingsFileFinding({ file, names, strayLines, known }: SettingsFileChecks): Finding {
  const subject = "Settings file";
  const unset = known.filter((name) => !names.includes(name));
  const misspelt = names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = nearestName(name, unset);
      return meant === undefined ? [] : [`${name} is no setting; ${meant} is`];
    });
  const stray = strayLines.map((line) => `line ${line} is not NAME=value`);
  const problems = [...stray, ...misspelt];
  if (problems.length === 0) {
    return { subject, status: "pass", detail: `${file}: ${counted(names.length, "setting")}` };
  }
  return {
    subject,
    status: "warn",
    detail: `${file}: ${problems.join("; ")}. What is so written is not heeded.`,
    hint: "Correct it there; .env.example describes each setting.",
  };
}
