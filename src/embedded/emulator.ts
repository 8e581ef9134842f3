import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { bm25 } from "../embedding/bm25.ts";
import { ConnectionError } from "../errors.ts";
import type { IndexEmbedders } from "./index/texts.ts";
import { VectorIndex } from "./index/vector-index.ts";
import { createIndexServer } from "./protocol/http.ts";
import { defaultSettings, type IndexSettings } from "./settings.ts";

export interface EmulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Where the index is kept. Default: in memory, gone when the emulator closes. */
  readonly directory?: string;
  /** Default: a sparse index that embeds raw text by BM25. */
  readonly settings?: IndexSettings;
  readonly embedders?: IndexEmbedders;
  /** Default: a random one. */
  readonly token?: string;
  readonly readOnlyToken?: string;
}

export interface Emulator {
  /** For `new Index({ url, token })` of `@upstash/vector`. */
  readonly url: string;
  readonly token: string;
  readonly readOnlyToken: string;
  /** Answers what has come in, then closes the index. */
  close(): Promise<void>;
}

/** The file of an index inside its directory. */
export function indexFile(directory: string): string {
  return join(directory, "index.sqlite");
}

function randomToken(): string {
  return randomBytes(24).toString("base64url");
}

/**
 * Starts a server that answers as Upstash Vector does, on loopback unless told otherwise.
 *
 * @throws {StorageError} when the index cannot be opened
 * @throws {IndexMismatchError} when it was made with other settings
 * @throws {ConnectionError} when the port cannot be had
 *
 * @example
 * const emulator = await startEmulator();
 * const index = new Index({ url: emulator.url, token: emulator.token });
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, host = "127.0.0.1", token = randomToken(), readOnlyToken = randomToken() } = options;
  const index = VectorIndex.open({
    path: options.directory === undefined ? ":memory:" : indexFile(options.directory),
    settings: options.settings ?? defaultSettings,
    embedders: options.embedders ?? { sparse: bm25 },
  });
  const server = createIndexServer([{ path: "", index, token, readOnlyToken }]);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    index.close();
    throw new ConnectionError("embedded", `Cannot listen on ${host}:${port}: ${(error as Error).message}`, {
      cause: error,
      hint: "Choose another port with --port; 0 takes a free one.",
    });
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    token,
    readOnlyToken,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      index.close();
    },
  };
}
