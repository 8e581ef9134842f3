import { nearestName } from "../foundation/edit-distance.ts";
import type { Finding } from "../foundation/finding.ts";
import { counted } from "../foundation/plural.ts";
import { examined } from "./finding.ts";

export interface SettingsFileChecks {
  readonly file: string;
  readonly values: Readonly<Record<string, string>>;
  /** Lines, from 1, that set nothing, or something else than they seem to say. */
  readonly faults: readonly { readonly line: number; readonly problem: string }[];
  /** All settings that exist. */
  readonly known: readonly string[];
}

/**
 * Whether a settings file sets what it seems to set. A misspelt name sets nothing: if it is that of the cloud's URL,
 * the embedded index answers without a word. Names of other programs may stand there too.
 */
export function settingsFileFinding({ file, values, faults, known }: SettingsFileChecks): Finding {
  const subject = "Settings file";
  const names = Object.keys(values).filter((name) => values[name] !== "");
  const unset = known.filter((name) => !names.includes(name));
  const misspelt = names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = nearestName(name, unset);
      return meant === undefined ? [] : [`${name} is no setting; ${meant} is`];
    });
  const problems = [...faults.map(({ line, problem }) => `line ${line} ${problem}`), ...misspelt];
  if (problems.length === 0) {
    return examined(subject, "fact", `${file}: ${counted(names.length, "setting")}`);
  }
  return examined(
    subject,
    "warning",
    `${file}: ${problems.join("; ")}.`,
    "Correct it there; .env.example describes each setting.",
  );
}
