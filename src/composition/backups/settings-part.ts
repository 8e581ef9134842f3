import { existsSync, linkSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../config/environment.ts";
import { environmentPath, readEnvironmentFile } from "../../config/environment-file.ts";
import { settingNames } from "../../config/settings.ts";
import { replaceFile } from "../../foundation/durable-file.ts";
import { DataError } from "../../foundation/errors.ts";
import { ownerFile } from "../../foundation/owner-only.ts";
import { counted } from "../../foundation/plural.ts";
import { asideOf, replaceRefused } from "../../foundation/put-aside.ts";
import type { BackupPart } from "../../operations/backups/part.ts";
import { redacted, redactor } from "../../security/redactor.ts";
import { isSecretName } from "../../security/shapes.ts";
import type { BackupSettings } from "./backup-settings.ts";

interface SavedSettings {
  readonly format: "ragfood-settings";
  readonly values: Readonly<Record<string, string>>;
  /** The names of settings that are secrets, without their values. */
  readonly secrets: readonly string[];
}

/** The settings that are set, by variables or in `.env`, without secrets. */
export function settingsPart({ environment }: BackupSettings): BackupPart {
  const file = environmentPath();
  return {
    kind: "settings",
    name: "settings",
    source: file,
    obstacle: () => undefined,
    async write(directory) {
      writeFileSync(savedIn(directory), `${JSON.stringify(savedOf(environment), null, 2)}\n`, {
        mode: ownerFile,
      });
    },
    async prove(directory, place) {
      const { values } = read(directory);
      writeFileSync(environmentPath(place), textOf(values), { mode: ownerFile });
      const found = readEnvironmentFile(place)?.values ?? {};
      const wrong = Object.keys(values).find((name) => values[name] !== found[name]);
      if (wrong !== undefined)
        throw new DataError(savedIn(directory), `The setting ${wrong} is not restored as it was.`);
      return `${counted(Object.keys(values).length, "setting")} restored, each as it was`;
    },
    async restore(directory, { replace }) {
      const { values, secrets } = read(directory);
      const present = readEnvironmentFile();
      if (present !== undefined && !replace) throw replaceRefused(`${file} exists.`);
      const kept = secrets.filter((name) => present?.values[name]);
      const aside = present && putAside(file);
      replaceFile(
        file,
        textOf({ ...values, ...Object.fromEntries(kept.map((name) => [name, present?.values[name] ?? ""])) }),
      );
      const missing = secrets.filter((name) => !kept.includes(name));
      return {
        summary: `${file}: ${counted(Object.keys(values).length, "setting")}`,
        aside,
        notes: [
          ...(kept.length > 0 ? [`Secrets were kept from the present file: ${kept.join(", ")}.`] : []),
          ...(missing.length > 0
            ? [
                `Secrets are not in backups. Set them again, unless they are variables: ${missing.join(", ")}.`,
              ]
            : []),
        ],
      };
    },
  };
}

function savedIn(directory: string): string {
  return join(directory, "settings.json");
}

/** A value that holds a secret counts as one: an address with a password, a token in the wrong place. */
function savedOf(environment: Environment): SavedSettings {
  const set = settingNames.filter((name) => (environment[name] ?? "").trim() !== "");
  const isSecret = (name: string) =>
    isSecretName(name) || redactor.text(`${environment[name]}`).includes(redacted);
  return {
    format: "ragfood-settings",
    values: Object.fromEntries(
      set.filter((name) => !isSecret(name)).map((name) => [name, `${environment[name]}`]),
    ),
    secrets: set.filter(isSecret),
  };
}

/** @throws {DataError} */
function read(directory: string): SavedSettings {
  const file = savedIn(directory);
  const saved = JSON.parse(readFileSync(file, "utf8")) as Partial<SavedSettings>;
  if (saved.format !== "ragfood-settings" || saved.values === undefined)
    throw new DataError(file, `${file} holds no settings.`);
  return { format: saved.format, values: saved.values, secrets: saved.secrets ?? [] };
}

/** In the first kind of quotes that a value does not hold. */
function textOf(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => {
    const quote = ["'", '"', "`"].find(
      (each) => !value.includes(each) && !(each === '"' && value.includes("\\")),
    );
    return quote === undefined
      ? `# ${name} holds every kind of quotes and cannot be written here.`
      : `${name}=${quote}${value}${quote}`;
  });
  return `${lines.join("\n")}\n`;
}

function putAside(file: string): string {
  const aside = asideOf(file);
  if (existsSync(file)) linkSync(file, aside);
  return aside;
}
