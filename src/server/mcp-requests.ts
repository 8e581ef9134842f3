/** A message of JSON-RPC, as far as it is read here; the SDK checks it whole. */
interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly requestId?: unknown } | null;
}

/** A request in a body, or several of them. */
export interface McpBody {
  readonly json: unknown;
  readonly isInitialize: boolean;
  readonly requestIds: readonly string[];
  /** The requests that the client no longer waits for. */
  readonly cancelledIds: readonly string[];
}

/** @throws {SyntaxError} if the text is not JSON */
export function readMcpBody(text: string): McpBody {
  const json: unknown = JSON.parse(text);
  const all: unknown[] = Array.isArray(json) ? json : [json];
  const messages = all.filter((each): each is Message => typeof each === "object" && each !== null);
  return {
    json,
    isInitialize: messages.some(({ method }) => method === "initialize"),
    requestIds: messages.filter(({ id }) => id !== undefined).map(({ id }) => JSON.stringify(id)),
    cancelledIds: messages
      .filter(({ method }) => method === "notifications/cancelled")
      .map(({ params }) => JSON.stringify(params?.requestId)),
  };
}

/** A request while it is answered. */
export interface RunningRequest {
  readonly signal: AbortSignal;
  /** Resolves if the client cancels it. */
  readonly cancelled: Promise<void>;
  end(): void;
}

/** The requests that this process answers, so that the notice of a cancellation, which is a separate request, finds them. */
export class RunningRequests {
  readonly #controllers = new Map<string, AbortController>();

  /** @param session tells the requests of one client from those of others: their ids are the same numbers */
  start(session: string, ids: readonly string[], signal: AbortSignal): RunningRequest {
    const controller = new AbortController();
    const keys = ids.map((id) => `${session} ${id}`);
    for (const key of keys) this.#controllers.set(key, controller);
    return {
      signal: AbortSignal.any([signal, controller.signal]),
      cancelled: new Promise((resolve) => {
        controller.signal.addEventListener("abort", () => resolve());
      }),
      end: () => {
        for (const key of keys) if (this.#controllers.get(key) === controller) this.#controllers.delete(key);
      },
    };
  }

  cancel(session: string, id: string): void {
    this.#controllers.get(`${session} ${id}`)?.abort();
  }
}
