import type { ChromaClient, Collection } from "chromadb";
import { CancelledError, NotFoundError, UsageError } from "../../foundation/errors.ts";
import { IdleTimeout } from "../../foundation/idle-timeout.ts";
import { importOptional } from "../../foundation/optional-package.ts";
import type { CallOptions } from "../store.ts";
import { countRecords, requireColumns, unreadable } from "./answers.ts";
import { chromaError } from "./errors.ts";
import { ChromaExchange } from "./exchange.ts";
import { nearestFirst } from "./names.ts";
import type { ChromaServer } from "./server.ts";
import { type ChromaSpace, spaceOf } from "./space.ts";
import { withoutWarnings } from "./warnings.ts";

/** One collection of a list. */
export interface ChromaCollection {
  readonly id: string;
  readonly name: string;
  readonly space: ChromaSpace;
  /** The model that embeds its texts, if `create` recorded one. */
  readonly embeddingModel: string | undefined;
  /** Metadata that the application stored with it. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** How a collection is created. */
export interface CollectionDesign {
  readonly space: ChromaSpace;
  /** The model that will embed its texts. */
  readonly embeddingModel?: string;
}

interface ChromaCallOptions extends CallOptions {
  /** Whether a number of metadata such as `1.0` comes as `JsonText`. Default false: as a number. */
  readonly exactNumbers?: boolean;
}

/** The key under which a collection records its model. */
const modelKey = "ragfood:embedding-model";
/** Collections a page of the list. */
const listPageSize = 100;
/** Maximum names that a message lists. */
const namesShown = 10;

/**
 * A Chroma server through the official client, which is loaded at the first call. Every call is one request
 * with its own time-out and signal: the client takes a signal when it is made, so each call makes one.
 */
export class ChromaConnection {
  readonly server: ChromaServer;
  readonly #address: { host: string; port: number; ssl: boolean };
  /** The server's limits and encodings; the client would ask again at each write. */
  #preflightChecks: unknown;

  /** @throws {UsageError} for a URL that the client cannot call */
  constructor(server: ChromaServer) {
    this.server = server;
    this.#address = addressOf(server.url);
  }

  /** One request to the server. @throws {ServiceError} */
  async call<T>(
    options: ChromaCallOptions,
    action: (client: ChromaClient, exchange: ChromaExchange) => Promise<T>,
  ): Promise<T> {
    if (options.signal?.aborted) throw new CancelledError();
    const { ChromaClient } = await loadPackage();
    const { tenant, database, token, timeoutMs } = this.server;
    const idleTimeout = new IdleTimeout(timeoutMs);
    const exchange = new ChromaExchange(this.server, options.exactNumbers ?? false);
    try {
      const client = new ChromaClient({
        ...this.#address,
        ...(tenant !== undefined && { tenant }),
        ...(database !== undefined && { database }),
        ...(token !== undefined && {
          headers: { "x-chroma-token": token, Authorization: `Bearer ${token}` },
        }),
        fetchOptions: { signal: idleTimeout.signal(options.signal) },
      });
      Object.assign(client, { preflightChecks: this.#preflightChecks });
      (Reflect.get(client, "apiClient") as ApiClient).setConfig({ fetch: exchange.fetch, parseAs: "json" });
      const result = await action(client, exchange);
      this.#preflightChecks = Reflect.get(client, "preflightChecks");
      return result;
    } catch (error) {
      throw chromaError(error, this.server, {
        timedOut: idleTimeout.timedOut,
        cancelled: options.signal?.aborted ?? false,
      });
    } finally {
      idleTimeout.end();
    }
  }

  /** One request about the records of a collection. @throws {NotFoundError} when it has been deleted */
  records<T>(
    { id }: ChromaCollection,
    options: ChromaCallOptions,
    action: (records: Collection) => Promise<T>,
  ): Promise<T> {
    return this.call(options, async (client, exchange) => {
      const result = requireColumns(this.server.url, await action(client.collection(id)));
      return withAnsweredMetadata(result, exchange.answer);
    });
  }

  /** Records in a collection. @throws {NotFoundError} when it has been deleted */
  count(collection: ChromaCollection, options: CallOptions): Promise<number> {
    return this.records(collection, options, (records) => countRecords(records, this.server.url));
  }

  /** `undefined` if it does not exist. */
  async find(name: string, options: CallOptions): Promise<ChromaCollection | undefined> {
    try {
      return await withoutWarnings(() =>
        this.call(options, async (client) => this.#toCollection(await client.getCollection({ name }))),
      );
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** The error for a missing collection: it lists those that exist, the most similar names first. */
  async missing(name: string, hint: string, options: CallOptions): Promise<NotFoundError> {
    const names = nearestFirst(
      (await this.list(options)).map((collection) => collection.name),
      name,
    );
    const further = names.length > namesShown ? ` and ${names.length - namesShown} more` : "";
    const others =
      names.length === 0 ? "it has none" : `it has ${names.slice(0, namesShown).join(", ")}${further}`;
    return new NotFoundError("chroma", `Chroma at ${this.server.url} has no collection ${name}; ${others}.`, {
      status: 404,
      hint,
    });
  }

  /** The collection of that name, created if it does not exist. */
  create(name: string, design: CollectionDesign, options: CallOptions): Promise<ChromaCollection> {
    const { space, embeddingModel } = design;
    return withoutWarnings(() =>
      this.call(options, async (client) =>
        this.#toCollection(
          await client.getOrCreateCollection({
            name,
            configuration: { hnsw: { space } },
            embeddingFunction: null,
            ...(embeddingModel !== undefined && { metadata: { [modelKey]: embeddingModel } }),
          }),
        ),
      ),
    );
  }

  /** @throws {NotFoundError} if it does not exist */
  async remove(name: string, options: CallOptions): Promise<void> {
    await this.call(options, (client) => client.deleteCollection({ name }));
  }

  /** All collections of the database, by name. */
  async list(options: CallOptions): Promise<ChromaCollection[]> {
    const collections: ChromaCollection[] = [];
    for (;;) {
      const page = await withoutWarnings(() =>
        this.call(options, (client) =>
          client.listCollections({ limit: listPageSize, offset: collections.length }),
        ),
      );
      collections.push(...page.map((collection) => this.#toCollection(collection)));
      if (page.length < listPageSize) break;
    }
    return collections.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  #toCollection({ id, name, metadata, configuration }: Collection): ChromaCollection {
    if (typeof id !== "string" || typeof name !== "string")
      throw unreadable(this.server.url, "something other than a collection");
    const model = metadata?.[modelKey];
    return {
      id,
      name,
      space: spaceOf(metadata, configuration),
      embeddingModel: typeof model === "string" ? model : undefined,
      metadata: metadata ?? {},
    };
  }
}

/** The part of the client's own HTTP client that is used here; it has no public way to set its `fetch`. */
interface ApiClient {
  setConfig(config: { fetch: (request: Request) => Promise<Response>; parseAs: "json" }): void;
}

/** Metadata as the server sent it: the client loses the key `__proto__` and rewrites sparse vectors. */
function withAnsweredMetadata<T>(result: T, answer: unknown): T {
  const metadatas = (answer as { metadatas?: unknown } | null)?.metadatas;
  if (typeof result !== "object" || result === null || !("metadatas" in result)) return result;
  return Array.isArray(metadatas) ? Object.assign(result, { metadatas }) : result;
}

function addressOf(url: string): { host: string; port: number; ssl: boolean } {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (pathname !== "/") {
    throw new UsageError(`${url} has a path, which Chroma's client cannot call.`, {
      hint: "Name the server itself, like http://127.0.0.1:8000.",
    });
  }
  const ssl = protocol === "https:";
  return { host: hostname, port: port === "" ? (ssl ? 443 : 80) : Number(port), ssl };
}

async function loadPackage(): Promise<typeof import("chromadb")> {
  try {
    return await importOptional("chromadb");
  } catch (error) {
    throw new NotFoundError("chroma", "Reading from a Chroma server needs the package chromadb.", {
      cause: error,
      hint: "Run: npm install chromadb (with --omit=optional if you do not need the server itself). A chroma_db directory is read without it.",
    });
  }
}
