import { ServiceFaultError } from "../../foundation/errors.ts";
import type { CallRelay } from "../protocol/answer-call.ts";
import type { Target } from "../protocol/dispatch.ts";
import type { MessageToMain, RelayedAnswer } from "./messages.ts";

interface Waiting {
  resolve(text: string): void;
  reject(error: unknown): void;
}

/**
 * In a worker: sends calls to the main process, which keeps resumable queries and simulates faults for all workers.
 */
export class MainRelay {
  readonly #send: (message: MessageToMain) => void;
  readonly #relayed: Set<string>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** @param relayed the indexes whose calls the main process runs */
  constructor(send: (message: MessageToMain) => void, relayed: Iterable<string>) {
    this.#send = send;
    this.#relayed = new Set(relayed);
  }

  /** Whether the main process runs all calls of the index at `path`. */
  setRelayed(path: string, isOn: boolean): void {
    if (isOn) this.#relayed.add(path);
    else this.#relayed.delete(path);
  }

  /** The relay of the index at `path`. */
  of(path: string): CallRelay {
    return {
      takes: ({ definition }) => definition.isStateful === true || this.#relayed.has(path),
      answer: (target, body, requestId) => this.#call(path, target, body, requestId),
    };
  }

  /** The answer to a call has arrived. */
  settle(id: number, answer: RelayedAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if ("text" in answer) {
      waiting?.resolve(answer.text);
      return;
    }
    const { status, message, failure, retryAfterMs } = answer;
    waiting?.reject(
      new ServiceFaultError("embedded", message, {
        status,
        cause: new Error(failure),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }),
    );
  }

  #call(path: string, target: Target, body: Buffer, requestId: string): Promise<string> {
    const { command, namespace, query } = target;
    const id = ++this.#lastId;
    this.#send({
      kind: "call",
      id,
      call: { path, command, namespace, query: query.toString(), body: body.toString(), requestId },
    });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}
