import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { z } from "zod";
import { FilterSyntaxError, RagfoodError } from "../foundation/errors.ts";
import { redactor } from "../security/redactor.ts";
import type { McpParts, ToolContext, ToolResult } from "./parts.ts";

/** A tool as data: what a model reads to choose it, and its work. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  run(input: z.output<Input>, context: ToolContext): Promise<ToolResult<z.input<Output>>>;
}

/** Nothing is written, and only the configured index is read. */
const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

/** A tool whose work fits its schemas, as the compiler checks here; the server checks the arguments of each call. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool {
  return tool as unknown as Tool;
}

/** Adds a tool to a server. @param calls holds each call while it runs */
export function addTool(server: McpServer, tool: Tool, parts: McpParts, calls: Set<Promise<unknown>>): void {
  const { name, title, description, input, output } = tool;
  const callback = async (
    values: Record<string, unknown>,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<CallToolResult> => {
    const context = { ...parts, signal: parts.signal ? AbortSignal.any([signal, parts.signal]) : signal };
    const call = answer(() => tool.run(values, context), parts);
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
    }
  };
  server.registerTool<z.ZodObject, z.ZodObject>(
    name,
    { title, description, inputSchema: input, outputSchema: output, annotations },
    callback,
  );
}

/** Never rejects: a failure is a result that says what to do. */
async function answer(
  run: () => Promise<ToolResult<Record<string, unknown>>>,
  { ready, onFault }: McpParts,
): Promise<CallToolResult> {
  try {
    await ready?.();
    const { text, data } = await run();
    return {
      content: [{ type: "text", text: redactor.text(text) }],
      structuredContent: redactor.value(data) as Record<string, unknown>,
    };
  } catch (error) {
    if (!(error instanceof RagfoodError)) onFault?.(error);
    return { content: [{ type: "text", text: redactor.text(describe(error)) }], isError: true };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof RagfoodError)) {
    return "ragfood failed unexpectedly; its standard error or log says more. Do not call the tool again with the same arguments.";
  }
  const advice = error instanceof FilterSyntaxError ? "list_facets names the fields and their values." : "";
  return [error.message, error.hint, advice].filter((part) => part !== undefined && part !== "").join(" ");
}
