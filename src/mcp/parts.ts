import type { RagEngine } from "../rag/engine.ts";
import type { VectorStore } from "../store/store.ts";

/** What the tools work with. */
export interface McpParts {
  readonly engine: RagEngine;
  readonly store: VectorStore;
  /** Every tool reads this namespace and no other. */
  readonly namespace: string;
  /** The version of ragfood that the client sees. */
  readonly version: string;
  /** Stops running calls. The signal of a call itself fires when its client cancels it. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each tool: resolves when the index can be searched. */
  readonly ready?: () => Promise<unknown>;
  /** Called with an error that is not typed: a fault of the program. */
  readonly onFault?: (error: unknown) => void;
}

/** What one call of a tool gets besides its arguments. */
export interface ToolContext extends Omit<McpParts, "signal" | "ready" | "onFault" | "version"> {
  readonly signal: AbortSignal;
}

/** Result of a tool: text for a model, and the same as data. */
export interface ToolResult<Data> {
  readonly text: string;
  readonly data: Data;
}
