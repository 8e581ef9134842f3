import type { ArgsDef } from "citty";
import { embeddedSettings, embeddersFor } from "../../composition/application.ts";
import { readSettings } from "../../config/settings.ts";
import {
  type EmulatedIndex,
  type Emulator,
  type IndexSettings,
  readConfiguration,
  startEmulator,
} from "../../embedded/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import { redactor } from "../../security/redactor.ts";
import { oneOf, wholeNumber } from "../arguments.ts";
import { type Command, defineCommand } from "../command.ts";
import type { Terminal } from "../terminal.ts";

const indexTypes = ["DENSE", "SPARSE", "HYBRID"] as const;
const similarityFunctions = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"] as const;

const args = {
  port: {
    type: "string",
    default: "8079",
    description: "the port to listen on; 0 takes a free one",
    valueHint: "n",
  },
  host: {
    type: "string",
    default: "127.0.0.1",
    description: "the address to listen on",
    valueHint: "address",
  },
  data: {
    type: "string",
    description: "the directory of the indexes (default: RAGFOOD_DIR, .ragfood)",
    valueHint: "directory",
  },
  memory: { type: "boolean", description: "keep the indexes in memory alone" },
  config: {
    type: "string",
    description: "a JSON file that describes several indexes (docs/emulator.md)",
    valueHint: "file",
  },
  type: { type: "string", description: "the kind of index", valueHint: indexTypes.join("|") },
  dimension: {
    type: "string",
    description: "dimensions of dense vectors (default: VECTOR_DIMENSION, 1024)",
    valueHint: "n",
  },
  similarity: {
    type: "string",
    description: "how dense vectors compare (default: COSINE)",
    valueHint: similarityFunctions.join("|"),
  },
  "embedding-model": {
    type: "string",
    description: "the model for raw text (default: none)",
    valueHint: "name",
  },
  token: {
    type: "string",
    description: "the full token (default: that of the settings, else a random one)",
    valueHint: "token",
  },
  "read-only-token": { type: "string", description: "the read-only token (likewise)", valueHint: "token" },
  seed: { type: "string", description: "records to start with where the index is empty", valueHint: "file" },
  json: { type: "boolean", description: "print addresses and tokens as JSON" },
} as const satisfies ArgsDef;

export const emulator: Command = defineCommand({
  name: "emulator",
  description: "Serves embedded indexes over HTTP as Upstash Vector does, for any of its clients",
  args,
  examples: [
    ["ragfood emulator --port 8079 --data .ragfood", "the index of ragfood itself: raw text, BM25"],
    ["ragfood emulator --type DENSE --dimension 384 --data ./vectors", "an index for vectors of your own"],
    [
      "ragfood emulator --config indexes.json --memory",
      "several indexes, each under its path, for a test run",
    ],
  ],
  async run(values, { environment, terminal, signal }) {
    const settings = readSettings(environment);
    const directory = values.data ?? settings.directory;
    const server = await startEmulator({
      port: wholeNumber("port", values.port, 0, 65_535),
      host: values.host,
      ...(values.memory !== true && { directory }),
      indexes:
        values.config === undefined
          ? [indexFromFlags(values, settings)]
          : readConfiguration(withoutIndexFlags(values, values.config), (index) =>
              embeddersFor(index, settings),
            ),
    });
    // From here on only the lines that are there to tell them do.
    for (const { token, readOnlyToken } of server.indexes.values()) {
      redactor.learn(token);
      redactor.learn(readOnlyToken);
    }
    if (values.json) terminal.disclose(`${JSON.stringify(describe(server), null, 2)}\n`);
    else print(server, terminal);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await server.close();
    return undefined;
  },
});

interface IndexFlags {
  readonly type?: string | undefined;
  readonly dimension?: string | undefined;
  readonly similarity?: string | undefined;
  readonly "embedding-model"?: string | undefined;
  readonly token?: string | undefined;
  readonly "read-only-token"?: string | undefined;
  readonly seed?: string | undefined;
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
  const similarityFunction = oneOf("similarity", values.similarity ?? "COSINE", similarityFunctions);
  if (!isNamed) return { ...configured, similarityFunction };
  const type = oneOf("type", values.type ?? configured.type, indexTypes);
  if (type === "SPARSE") {
    for (const name of ["dimension", "embedding-model"] as const) {
      if (values[name] !== undefined) throw new UsageError(`--${name} goes with --type DENSE or HYBRID.`);
    }
  }
  const dimension =
    values.dimension === undefined ? defaultDimension : wholeNumber("dimension", values.dimension, 1, 5_376);
  return {
    type,
    dimension: type === "SPARSE" ? 0 : dimension,
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

function print(server: Emulator, terminal: Terminal): void {
  for (const { url, token, readOnlyToken } of server.indexes.values()) {
    terminal.disclose(
      `UPSTASH_VECTOR_REST_URL=${url}\nUPSTASH_VECTOR_REST_TOKEN=${token}\nUPSTASH_VECTOR_REST_READONLY_TOKEN=${readOnlyToken}\n\n`,
    );
  }
  terminal.line(
    `Ready: ${server.indexes.size === 1 ? "one index" : `${server.indexes.size} indexes`}. Ctrl-C stops.`,
  );
}
