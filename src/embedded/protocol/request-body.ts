import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { InvalidRequestError, ServiceFaultError } from "../../foundation/errors.ts";
import { JsonError, parseJson, type ReadJsonOptions } from "../../foundation/exact-json/index.ts";
import { invalid } from "../index/validation.ts";
import type { IndexLimits } from "../settings.ts";
import type { Target } from "./dispatch.ts";
import { splitVectors } from "./vector-lists.ts";

/** 1,000 vectors of 5,376 components take about 60 MB in decimal. */
const maximumBodyBytes = 128 * 1024 * 1024;

/** Of all bodies that are received at once: two of the largest. */
const maximumPendingBytes = 2 * maximumBodyBytes;

/** 1,000 vectors of 5,376 components, or 1,000 sparse ones, have less; an object counts as ten values. */
const maximumValues = 8_000_000;

/** Longer lists are refused before the rest of the body is parsed. */
const itemsCounted = 10_000;

/** Reads the bodies of requests; the memory that they take together is bounded. */
export class BodyReader {
  #pendingBytes = 0;

  /**
   * @throws {InvalidRequestError} 413 for a body that is too large, 400 for one that is not UTF-8
   * @throws {ServiceFaultError} 503 while other large bodies are received
   */
  async read(request: IncomingMessage): Promise<Buffer> {
    const body = await this.#receive(request);
    if (isUtf8(body)) return body;
    throw new InvalidRequestError("embedded", "The request body is not valid UTF-8", { status: 400 });
  }

  /** By events: an async iterator takes as long as the rest of a small request. */
  #receive(request: IncomingMessage): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      let isSettled = false;
      const settle = (action: () => void) => {
        if (isSettled) return;
        isSettled = true;
        this.#pendingBytes -= bytes;
        action();
      };
      const refuse = (error: Error) => settle(() => reject(error));
      request.on("data", (chunk: Buffer) => {
        if (isSettled) return;
        bytes += chunk.length;
        this.#pendingBytes += chunk.length;
        if (bytes > maximumBodyBytes) refuse(tooLarge());
        else if (this.#pendingBytes > maximumPendingBytes) refuse(tooBusy());
        else chunks.push(chunk);
      });
      request.on("end", () =>
        settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))),
      );
      request.on("error", refuse);
      request.on("close", () =>
        refuse(new Error("The client closed the connection before its request was complete")),
      );
    });
  }
}

function tooLarge(): InvalidRequestError {
  const message = `The request body is larger than ${maximumBodyBytes} bytes`;
  return new InvalidRequestError("embedded", message, { status: 413 });
}

function tooBusy(): ServiceFaultError {
  const message = "Other large requests are being received; send this one again";
  return new ServiceFaultError("embedded", message, { status: 503, retryAfterMs: 1_000 });
}

/**
 * The value of a body, numbers in metadata digit for digit, and vectors as `Float32Array` if possible; `undefined` if it
 * is empty.
 *
 * @param body valid UTF-8
 * @throws {InvalidRequestError} 400 for a body that is not JSON, 422 for JSON that cannot be kept exactly
 */
export function parseBody(body: Buffer, { command }: Target, limits: IndexLimits): unknown {
  const split = splitVectors(body);
  if (split !== undefined) {
    try {
      return parseText(split.text, limits, { below: "vector", at: split.lists });
    } catch (error) {
      // The whole text decides, and has the place of the fault.
      if (!(error instanceof JsonError)) throw error;
    }
  }
  const text = body.toString("utf8");
  if (text.trim() === "") return undefined;
  // The Go client sends a single id as the raw body, so an id may look like any JSON except a list or an object.
  const mayBeBareId = command === "delete" && !/^\s*[[{]/.test(text);
  try {
    const value = parseText(text, limits);
    return mayBeBareId && typeof value !== "string" ? text : value;
  } catch (error) {
    if (mayBeBareId) return text;
    throw error instanceof JsonError ? refusal(error, limits) : error;
  }
}

function parseText(text: string, { batch }: IndexLimits, lists?: ReadJsonOptions["lists"]): unknown {
  return parseJson(text, {
    literals: { below: "metadata" },
    maximumItems: Math.max(batch, itemsCounted),
    maximumValues,
    ...(lists && { lists }),
  });
}

function refusal(error: JsonError, { batch }: IndexLimits): InvalidRequestError {
  if (error.kind === "syntax") {
    return new InvalidRequestError("embedded", "The request body is not valid JSON", {
      status: 400,
      cause: error,
    });
  }
  if (error.kind === "too-many" && error.path.length === 0) {
    return invalid(`Too many items in one request: more than ${itemsCounted}, maximum: ${batch}`);
  }
  const kinds: Partial<Record<JsonError["kind"], string>> = {
    "too-many": "is too large",
    "too-deep": "nests too deep",
  };
  return invalid(`The request body ${kinds[error.kind] ?? "cannot be kept exactly"}: ${error.message}`);
}
