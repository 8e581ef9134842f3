import { once } from "node:events";
import { embeddedSettings, embeddersFor } from "../../composition/application.ts";
import { readSettings } from "../../config/settings.ts";
import {
  type EmulatedIndex,
  type Emulator,
  type IndexSettings,
  type RequestEntry,
  type RequestLog,
  readConfiguration,
  startEmulator,
} from "../../embedded/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import { PageFiles } from "../../pages/page-files.ts";
import { redactor } from "../../security/redactor.ts";
import type { Run, ValuesOf } from "../command.ts";
import type { emulator } from "../definitions/emulator.ts";
import { keepServing } from "../keep-serving.ts";
import type { Terminal } from "../terminal.ts";

export const runEmulator: Run<typeof emulator> = async (values, { environment, terminal, signal }) => {
  const settings = readSettings(environment);
  const directory = values.data ?? settings.directory;
  const server = await startEmulator({
    port: values.port,
    host: values.host,
    ...(!values.memory && { directory }),
    ...(values["allow-origin"]?.length && { allowedOrigins: values["allow-origin"] }),
    log: requestLog(values.log, terminal),
    ...(values.ui && { page: new PageFiles({ data: "/data" }) }),
    indexes:
      values.config === undefined
        ? [indexFromFlags(values, settings)]
        : readConfiguration(withoutIndexFlags(values, values.config), (index) =>
            embeddersFor(index, settings),
          ),
  });
  // From here on only the lines that are there to show tokens show them.
  for (const { token, readOnlyToken } of server.indexes.values()) {
    redactor.learn(token);
    redactor.learn(readOnlyToken);
  }
  if (values.json) terminal.disclose(`${JSON.stringify(describe(server), null, 2)}\n`);
  else print(server, terminal, values.ui);
  const release = keepServing((failure) => terminal.note(`Still serving after an error: ${failure}`));
  try {
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
  } finally {
    release();
  }
  return undefined;
};

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

type IndexFlags = Pick<ValuesOf<typeof emulator>, (typeof indexFlags)[number]>;

/** The configuration file, unless flags say something of an index too. */
function withoutIndexFlags(values: IndexFlags, file: string): string {
  const given = indexFlags.filter((name) => values[name] !== undefined);
  if (given.length === 0) return file;
  throw new UsageError(`--config describes the indexes; --${given.join(", --")} cannot be given beside it.`);
}

function indexFromFlags(values: IndexFlags, settings: ReturnType<typeof readSettings>): EmulatedIndex {
  const index = settingsFromFlags(values, embeddedSettings(settings), settings.dimension);
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

/** Without flags, the index that the settings ask for; named by flags, one that takes vectors unless a model is given. */
function settingsFromFlags(
  values: IndexFlags,
  configured: IndexSettings,
  defaultDimension: number,
): IndexSettings {
  const isNamed =
    values.type !== undefined || values.dimension !== undefined || values["embedding-model"] !== undefined;
  const similarityFunction = values.similarity ?? "COSINE";
  if (!isNamed) return { ...configured, similarityFunction };
  const type = values.type ?? configured.type;
  if (type === "SPARSE") {
    for (const name of ["dimension", "embedding-model"] as const) {
      if (values[name] !== undefined) throw new UsageError(`--${name} goes with --type DENSE or HYBRID.`);
    }
  }
  return {
    type,
    dimension: type === "SPARSE" ? 0 : (values.dimension ?? defaultDimension),
    similarityFunction,
    embeddingModel: values["embedding-model"] ?? "",
    sparseEmbeddingModel: type === "DENSE" ? "" : "BM25",
  };
}

function describe(server: Emulator): object {
  const indexes = [...server.indexes].map(([path, { url, token, readOnlyToken }]) => ({
    path,
    url,
    token,
    readOnlyToken,
  }));
  return { url: server.url, token: server.token, readOnlyToken: server.readOnlyToken, indexes };
}

function print(server: Emulator, terminal: Terminal, hasPage: boolean): void {
  for (const { url, token, readOnlyToken } of server.indexes.values()) {
    terminal.disclose(
      `UPSTASH_VECTOR_REST_URL=${url}\nUPSTASH_VECTOR_REST_TOKEN=${token}\nUPSTASH_VECTOR_REST_READONLY_TOKEN=${readOnlyToken}\n\n`,
    );
  }
  if (hasPage) terminal.line(`Data browser: ${new URL("/data", server.url).href} (asks for the token)\n`);
  terminal.line(
    `Ready: ${server.indexes.size === 1 ? "one index" : `${server.indexes.size} indexes`}. Ctrl-C stops.`,
  );
}
