import { AnswerTooLargeError, errorFromStatus, ServiceFaultError } from "../foundation/errors.ts";
import { parseJson } from "../foundation/exact-json/index.ts";
import { redactor } from "../security/redactor.ts";
import type { Token } from "./credentials.ts";
import { rateLimitHint } from "./limiter.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** The request that an answer belongs to. */
export interface AnswerContext {
  readonly endpoint: string;
  /** Never shown in a message, even if a proxy echoes it. */
  readonly token: Token;
  /** Maximum bytes of the decompressed body. */
  readonly maximumBytes: number;
  readonly onBytes: (bytes: number) => void;
}

/** Enough for an error message. A longer body is an HTML page. */
const maximumErrorBytes = 65_536;
const maximumMessageLength = 1_000;

const inItsPlaceHint =
  "Check that UPSTASH_VECTOR_REST_URL is the REST URL of the index, and that no proxy, firewall or login page answers in its place.";

/**
 * The result in an answer of the service.
 * @throws {ServiceError} the error that the status or the body reports
 */
export async function readAnswer(response: Response, context: AnswerContext): Promise<unknown> {
  if (!response.ok) throw await statusError(response, context);
  const text = await readText(response, context.maximumBytes, context.onBytes);
  if (text === undefined) throw tooLarge(response, context);
  const answer = parseObject(text);
  if (answer === undefined || !("result" in answer)) {
    const { endpoint } = context;
    throw new ServiceFaultError("upstash", `The answer of Upstash Vector to /${endpoint} cannot be read.`, {
      ...detailsOf(response, context),
      status: response.status,
      hint: inItsPlaceHint,
    });
  }
  return answer.result;
}

async function statusError(response: Response, context: AnswerContext): Promise<Error> {
  const { status } = response;
  if (status >= 300 && status < 400) return await redirectError(response, context);
  const text = await readText(response, maximumErrorBytes, context.onBytes);
  if (status < 500 && isPage(response)) return pageError(response, context);
  const { error } = parseObject(text ?? "") ?? {};
  const said = typeof error === "string" ? clean(error, context).slice(0, maximumMessageLength) : "";
  const retryAfterMs = parseRetryAfter(response.headers, Date.now());
  const hint = hintFor(response, said, context);
  return errorFromStatus(
    "upstash",
    status,
    said || `Upstash Vector answered ${status} to /${context.endpoint}.`,
    {
      ...detailsOf(response, context),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(hint !== undefined && { hint }),
    },
  );
}

/** The index answers with JSON. A page comes from a proxy, a firewall or a login in its place. */
function isPage({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("text/html") ?? false;
}

/** Not an error of its status: a 404 of a proxy does not say that something is gone. */
function pageError(response: Response, context: AnswerContext): ServiceFaultError {
  return new ServiceFaultError(
    "upstash",
    `A web page with status ${response.status} came in place of the answer of Upstash Vector to /${context.endpoint}.`,
    { ...detailsOf(response, context), status: response.status, hint: inItsPlaceHint },
  );
}

/** What to do after a refusal; `undefined` if the class of the error knows. */
function hintFor(
  { url, status }: Response,
  said: string,
  { endpoint, token }: AnswerContext,
): string | undefined {
  if (status === 401) return `Check the token in ${token.name}; the Upstash console shows it.`;
  // Other refusals are of the read-only token, or of the daily quota.
  if (status === 403 && !/ is not allowed|^Exceeded/.test(said)) {
    return `The index refuses this machine or its token. Check ${token.name}, and which addresses the index allows.`;
  }
  if (status === 429) return rateLimitHint;
  if (status < 500) return undefined;
  // The settings may name another server than a person thinks of.
  const server = URL.canParse(url) ? new URL(url).origin : "The service";
  return `${server} answered ${status} to /${endpoint}. Wait, then run the same command again.`;
}

/**
 * Redirects are not followed, because the token would go to the redirect's target. An index sends none: a login page or a
 * proxy stands before it.
 */
async function redirectError(response: Response, context: AnswerContext): Promise<Error> {
  await response.body?.cancel();
  return new ServiceFaultError(
    "upstash",
    `Upstash Vector answered ${response.status} to /${context.endpoint}: a redirect, which is not followed.`,
    { ...detailsOf(response, context), status: response.status, hint: inItsPlaceHint },
  );
}

function tooLarge(response: Response, context: AnswerContext): AnswerTooLargeError {
  return new AnswerTooLargeError(
    "upstash",
    `The answer to /${context.endpoint} is larger than ${context.maximumBytes} bytes.`,
    {
      ...detailsOf(response, context),
      status: response.status,
      hint: "Ask for fewer records at once, or without their vectors.",
    },
  );
}

function detailsOf(response: Response, context: AnswerContext): { endpoint: string; requestId?: string } {
  const requestId = response.headers.get("x-request-id");
  return { endpoint: context.endpoint, ...(requestId && { requestId: clean(requestId, context) }) };
}

/** The body as text; `undefined` as soon as it exceeds the limit. The rest is not read. */
async function readText(
  response: Response,
  maximumBytes: number,
  onBytes: (bytes: number) => void,
): Promise<string | undefined> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    onBytes(chunk.byteLength);
    if (size > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, size));
}

function parseObject(text: string): { result?: unknown; error?: unknown } | undefined {
  try {
    const parsed: unknown = parseJson(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The service's message with the token redacted. */
function clean(said: string, { token }: AnswerContext): string {
  redactor.learn(token.value);
  return redactor.text(said);
}
