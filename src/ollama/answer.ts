import type { Transformer, TransformStreamDefaultController } from "node:stream/web";
import { ServiceFaultError } from "../foundation/errors.ts";
import { parseRetryAfter } from "../transport/retry-after.ts";

/** Characters of a foreign answer shown in a message. */
const excerptLength = 200;

/** An answer with an error status, as `ollamaError` reads it. */
class OllamaStatusError extends Error {
  readonly status_code: number;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status_code = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Checks an answer before Ollama's client reads it. The client would print and skip lines that it cannot parse, so part
 * of an answer could be lost without an error.
 *
 * @throws {Error} with `status_code` for an error status; {ServiceFaultError} for what is not JSON
 */
export async function checkedAnswer(response: Response): Promise<Response> {
  if (!response.ok)
    throw new OllamaStatusError(
      response.status,
      errorText(await response.text(), response.status),
      parseRetryAfter(response.headers, Date.now()),
    );
  const type = response.headers.get("content-type") ?? "";
  // A proxy may drop or guess the content type, so the lines decide whether it is JSON.
  if (!/^$|json|^text\/plain/.test(type)) throw unreadable(await response.text());
  const check = new TransformStream(new LineCheck(type.includes("ndjson")));
  return new Response(response.body?.pipeThrough(check), response);
}

function errorText(text: string, status: number): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not from Ollama: the raw text is the message.
  }
  return text.trim() === "" ? `status ${status}` : text.slice(0, excerptLength);
}

function unreadable(text: string): ServiceFaultError {
  return new ServiceFaultError(
    "ollama",
    `The answer of Ollama is not JSON: ${text.slice(0, excerptLength)}`,
    {
      hint: "Check that OLLAMA_HOST is an Ollama server and that it is up to date.",
    },
  );
}

/** Passes on JSON lines. Fails at a line that is not JSON and at the end of an incomplete stream. */
class LineCheck implements Transformer<Uint8Array, Uint8Array> {
  readonly #decoder = new TextDecoder();
  #isStream: boolean;
  #rest = "";
  #isDone = false;

  /** @param isStream whether the last line must mark the answer as done */
  constructor(isStream: boolean) {
    this.#isStream = isStream;
  }

  transform(chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#check(line);
    controller.enqueue(chunk);
  }

  flush(): void {
    this.#check(this.#rest);
    if (this.#isStream && !this.#isDone) {
      throw new ServiceFaultError("ollama", "Ollama stopped in the middle of the answer.", {
        hint: "Ask again; the log of `ollama serve` says more.",
      });
    }
  }

  #check(line: string): void {
    if (line.trim() === "") return;
    let answer: { readonly done?: unknown; readonly error?: unknown } | null;
    try {
      answer = JSON.parse(line) as typeof answer;
    } catch {
      throw unreadable(line);
    }
    const { done, error } = answer ?? {};
    // A failure after the headers has no status of its own, so this one is used.
    if (error !== undefined) throw new OllamaStatusError(500, typeof error === "string" ? error : line);
    this.#isDone = done === true;
    if (done === false) this.#isStream = true;
  }
}
