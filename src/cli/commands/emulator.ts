import { embeddedEmbedders, embeddedSettings } from "../../application.ts";
import { readSettings } from "../../config/settings.ts";
import { type IndexSettings, startEmulator } from "../../embedded/index.ts";
import { bm25 } from "../../embedding/bm25.ts";
import { UsageError } from "../../errors.ts";
import { oneOf, wholeNumber } from "../arguments.ts";
import { type Command, defineCommand } from "../command.ts";

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
    description: "the directory of the index (default: RAGFOOD_DIR, .ragfood)",
    valueHint: "directory",
  },
  type: { type: "string", description: "the kind of index", valueHint: indexTypes.join("|") },
  dimension: {
    type: "string",
    description: "dimensions of dense vectors (default: VECTOR_DIMENSION, 1024)",
    valueHint: "n",
  },
  similarity: {
    type: "string",
    default: "COSINE",
    description: "how dense vectors compare",
    valueHint: similarityFunctions.join("|"),
  },
  token: {
    type: "string",
    description: "the full token (default: that of the settings, else a random one)",
    valueHint: "token",
  },
  "read-only-token": { type: "string", description: "the read-only token (likewise)", valueHint: "token" },
  json: { type: "boolean", description: "print the address and the tokens as JSON" },
} as const;

export const emulator: Command = defineCommand({
  name: "emulator",
  description: "Serves an embedded index over HTTP as Upstash Vector does, for any of its clients",
  args,
  examples: [
    ["ragfood emulator --port 8079 --data .ragfood", "the index of ragfood itself: raw text, BM25"],
    ["ragfood emulator --type DENSE --dimension 384 --data ./vectors", "an index for vectors of your own"],
  ],
  async run(values, { environment, terminal, signal }) {
    const settings = readSettings(environment);
    const index = indexSettings(values, embeddedSettings(settings), settings.dimension);
    const token = values.token ?? settings.upstash?.token;
    const readOnlyToken = values["read-only-token"] ?? settings.upstash?.readOnlyToken;
    const server = await startEmulator({
      port: wholeNumber("port", values.port, 0, 65_535),
      host: values.host,
      directory: values.data ?? settings.directory,
      settings: index,
      embedders: index.embeddingModel === "" ? { sparse: bm25 } : embeddedEmbedders(settings),
      ...(token !== undefined && { token }),
      ...(readOnlyToken !== undefined && { readOnlyToken }),
    });
    const { url } = server;
    if (values.json) terminal.json({ url, token: server.token, readOnlyToken: server.readOnlyToken });
    else {
      terminal.line(`UPSTASH_VECTOR_REST_URL=${url}`);
      terminal.line(`UPSTASH_VECTOR_REST_TOKEN=${server.token}`);
      terminal.line(`UPSTASH_VECTOR_REST_READONLY_TOKEN=${server.readOnlyToken}`);
      terminal.line(`Ready: a ${index.type} index at ${url}. Ctrl-C stops it.`);
    }
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await server.close();
    return undefined;
  },
});

interface IndexValues {
  readonly type?: string | undefined;
  readonly dimension?: string | undefined;
  readonly similarity: string;
}

/** Without flags, the index that the settings ask for; named by flags, one that takes vectors. */
function indexSettings(
  values: IndexValues,
  configured: IndexSettings,
  defaultDimension: number,
): IndexSettings {
  const type = values.type === undefined ? configured.type : oneOf("type", values.type, indexTypes);
  const dimension =
    values.dimension === undefined ? undefined : wholeNumber("dimension", values.dimension, 1, 5_376);
  if (type === "SPARSE" && dimension !== undefined) {
    throw new UsageError("--dimension goes with --type DENSE or HYBRID.");
  }
  const isConfigured =
    type === configured.type && (dimension ?? configured.dimension) === configured.dimension;
  return {
    type,
    dimension: type === "SPARSE" ? 0 : (dimension ?? defaultDimension),
    similarityFunction: oneOf("similarity", values.similarity, similarityFunctions),
    embeddingModel: isConfigured ? configured.embeddingModel : "",
    sparseEmbeddingModel: type === "DENSE" ? "" : "BM25",
  };
}
