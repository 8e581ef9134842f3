import { once } from "node:events";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { embeddedSettings, embeddersFor } from "../../composition/application.ts";
import { requireOutsideCutover } from "../../composition/outside-cutover.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import {
  type EmulatedIndex,
  type IndexSettings,
  indexFile,
  type RequestEntry,
  type RequestLog,
  readConfiguration,
  readIndexSettings,
  type ServedAddress,
  startEmulator,
} from "../../embedded/index.ts";
import { startEmulatorWorkers } from "../../embedded/workers/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import { requireAddress } from "../../foundation/listen.ts";
import { makeTemporaryDirectory } from "../../foundation/temporary-directory.ts";
import { PageFiles } from "../../pages/page-files.ts";
import { redactor } from "../../security/redactor.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import type { emulator } from "../definitions/emulator.ts";
import { keepServing } from "../keep-serving.ts";
import type { Terminal } from "../terminal.ts";

type Values = ValuesOf<typeof emulator>;

type Addresses = ReadonlyMap<string, ServedAddress>;

export const runEmulator: Run<typeof emulator> = async (values, { environment, terminal, signal }) => {
  const settings = readSettings(environment);
  // Before any file is made.
  await requireAddress({ host: values.host, port: values.port, service: "embedded" });
  const temporary =
    values.memory && values.workers > 1 ? makeTemporaryDirectory("ragfood-emulator-") : undefined;
  try {
    const directory = temporary ?? values.data ?? settings.directory;
    if (!values.memory)
      await requireOutsideCutover({ ...settings, directory }, resolve(indexFile(directory)));
    await serve(values, { settings, directory, terminal, signal });
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
  return undefined;
};

interface Serving extends Pick<CommandContext, "terminal" | "signal"> {
  readonly settings: Settings;
  readonly directory: string;
}

async function serve(values: Values, { settings, directory, terminal, signal }: Serving): Promise<void> {
  const options = {
    port: values.port,
    host: values.host,
    ...(values["allow-origin"]?.length && { allowedOrigins: values["allow-origin"] }),
    log: requestLog(values.log, terminal),
    indexes:
      values.config === undefined
        ? [indexFromFlags(values, settings, storedIndex(values, directory))]
        : readConfiguration(withoutIndexFlags(values, values.config), (index) =>
            embeddersFor(index, settings),
          ),
  };
  const server =
    values.workers === 1
      ? await startEmulator({
          ...options,
          ...(!values.memory && { directory }),
          ...(values.ui && { page: new PageFiles({ data: "/data" }) }),
        })
      : await startEmulatorWorkers({
          ...options,
          directory,
          workers: values.workers,
          module: new URL("../emulator-worker.js", import.meta.url),
          hasPage: values.ui,
          logsAll: values.log !== "off",
          note: (text) => terminal.note(text),
        });
  // From here on only the lines that are there to show tokens show them.
  for (const { token, readOnlyToken } of server.indexes.values()) {
    redactor.learn(token);
    redactor.learn(readOnlyToken);
  }
  if (values.json) terminal.disclose(`${JSON.stringify(describe(server.indexes))}\n`);
  else print(server.indexes, terminal, values.ui);
  const release = keepServing((failure) => terminal.note(`Still serving after an error: ${failure}`));
  try {
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
  } finally {
    release();
  }
}

function requestLog(form: "text" | "json" | "off", terminal: Terminal): RequestLog {
  return (entry) => {
    if (form === "json") terminal.note(JSON.stringify({ ...entry, milliseconds: rounded(entry) }));
    else if (form === "text" || entry.failure !== undefined) terminal.note(logLine(entry));
  };
}

function logLine(entry: RequestEntry): string {
  const { method, path, status, index, requestId, failure } = entry;
  const line = `${method} ${path} ${status} ${rounded(entry)} ms${index === undefined ? "" : ` index ${index}`}`;
  return failure === undefined ? line : `${line} request ${requestId} failed: ${failure}`;
}

function rounded({ milliseconds }: RequestEntry): number {
  return Math.round(milliseconds * 10) / 10;
}

const indexFlags = [
  "type",
  "dimension",
  "similarity",
  "embedding-model",
  "token",
  "read-only-token",
  "seed",
] as const;

type IndexFlags = Pick<Values, (typeof indexFlags)[number]>;

/** The configuration file, unless flags say something of an index too. */
function withoutIndexFlags(values: IndexFlags, file: string): string {
  const given = indexFlags.filter((name) => values[name] !== undefined);
  if (given.length === 0) return file;
  throw new UsageError(`--config describes the indexes; --${given.join(", --")} cannot be given beside it.`);
}

/** The index that exists, as a migration or an earlier emulator made it. */
function storedIndex({ memory }: Values, directory: string): IndexSettings | undefined {
  return memory ? undefined : readIndexSettings(indexFile(directory));
}

function indexFromFlags(
  values: IndexFlags,
  settings: Settings,
  stored: IndexSettings | undefined,
): EmulatedIndex {
  const index = settingsFromFlags(values, stored ?? embeddedSettings(settings), settings.dimension);
  const token = values.token ?? settings.upstash?.token;
  const readOnlyToken = values["read-only-token"] ?? settings.upstash?.readOnlyToken;
  return {
    settings: index,
    embedders: embeddersFor(index, settings),
    ...(token !== undefined && { token }),
    ...(readOnlyToken !== undefined && { readOnlyToken }),
    ...(values.seed !== undefined && { seed: values.seed }),
  };
}

/**
 * Without flags, the index that exists, or the one that the settings describe; with flags, one that takes vectors unless
 * they name a model.
 */
function settingsFromFlags(
  values: IndexFlags,
  configured: IndexSettings,
  defaultDimension: number,
): IndexSettings {
  const isNamed =
    values.type !== undefined || values.dimension !== undefined || values["embedding-model"] !== undefined;
  if (!isNamed) return { ...configured, ...(values.similarity && { similarityFunction: values.similarity }) };
  const type = values.type ?? configured.type;
  if (type === "SPARSE") {
    for (const name of ["dimension", "embedding-model"] as const) {
      if (values[name] !== undefined) throw new UsageError(`--${name} goes with --type DENSE or HYBRID.`);
    }
  }
  return {
    type,
    dimension: type === "SPARSE" ? 0 : (values.dimension ?? defaultDimension),
    similarityFunction: values.similarity ?? "COSINE",
    embeddingModel: values["embedding-model"] ?? "",
    sparseEmbeddingModel: type === "DENSE" ? "" : "BM25",
  };
}

function describe(addresses: Addresses): object {
  const indexes = [...addresses].map(([path, { url, token, readOnlyToken }]) => ({
    path,
    url,
    token,
    readOnlyToken,
  }));
  const [{ url, token, readOnlyToken } = {}] = indexes;
  return { url, token, readOnlyToken, indexes };
}

function print(addresses: Addresses, terminal: Terminal, hasPage: boolean): void {
  const served = [...addresses.values()];
  for (const { url, token, readOnlyToken } of served) {
    terminal.disclose(
      `UPSTASH_VECTOR_REST_URL=${url}\nUPSTASH_VECTOR_REST_TOKEN=${token}\nUPSTASH_VECTOR_REST_READONLY_TOKEN=${readOnlyToken}\n\n`,
    );
  }
  if (hasPage) terminal.line(`Data browser: ${new URL("/data", served[0]?.url).href} (asks for the token)\n`);
  terminal.line(`Ready: ${served.length === 1 ? "one index" : `${served.length} indexes`}. Ctrl-C stops.`);
}
