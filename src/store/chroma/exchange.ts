import { errorFromStatus, QuotaError, type ServiceError } from "../../foundation/errors.ts";
import { JsonError, parseJson } from "../../foundation/exact-json/index.ts";
import { unreadable } from "./answers.ts";
import type { ChromaServer } from "./server.ts";

/**
 * One call of Chroma's client on its way to the server and back. The client parses JSON itself, which rounds
 * integers beyond 2^53, and keeps neither the status nor the cause of a failure; here both are exact.
 */
export class ChromaExchange {
  readonly #server: ChromaServer;
  readonly #exactNumbers: boolean;
  /** The last answer as JSON; the client drops some keys of metadata. */
  answer: unknown;

  /** @param exactNumbers gives a number of metadata such as `1.0` as `JsonText` */
  constructor(server: ChromaServer, exactNumbers: boolean) {
    this.#server = server;
    this.#exactNumbers = exactNumbers;
  }

  /** What the client uses as `fetch`. @throws {ServiceError} for a status or an answer that is not as promised */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { fetch: send = fetch, url } = this.#server;
    const response = await send(request);
    const text = await response.text();
    if (!response.ok) throw statusError(this.#server, response.status, text);
    this.answer = readAnswer(url, text, this.#exactNumbers);
    return {
      ok: true,
      status: response.status,
      headers: new Headers({ "content-type": "application/json" }),
      json: async () => this.answer,
    } as Response;
  };
}

/** An integer beyond 2^53 comes as a `bigint`. */
function readAnswer(url: string, text: string, exactNumbers: boolean): unknown {
  if (text === "") return {};
  try {
    return parseJson(text, exactNumbers ? { literals: { below: "metadatas" } } : {});
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw unreadable(url, `JSON that cannot be read exactly (${error.message})`, error);
  }
}

/** What the server says, without its type of error. */
function messageOf(text: string, status: number): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    return String(message ?? error ?? `status ${status}`);
  } catch {
    return `status ${status}`;
  }
}

function statusError({ url }: ChromaServer, status: number, text: string): ServiceError {
  const words = messageOf(text, status);
  const message = `Chroma at ${url}: ${words}`;
  switch (status) {
    case 401:
      return errorFromStatus("chroma", status, `Chroma at ${url} does not accept the token.`, {
        hint: "Check CHROMA_TOKEN.",
      });
    case 403:
      return errorFromStatus("chroma", status, `Chroma at ${url} does not allow this.`, {
        hint: "Check what CHROMA_TOKEN may do, and CHROMA_TENANT and CHROMA_DATABASE.",
      });
    case 422:
      if (/^(?:Quota|Billing limit) exceeded/.test(words))
        return new QuotaError("chroma", message, { status });
  }
  return errorFromStatus("chroma", status, message, {
    ...(status >= 500 && { hint: "The log of the Chroma server says more." }),
  });
}
