import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { nearestName } from "../foundation/edit-distance.ts";
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
  const { name, title, description, output } = tool;
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
    { title, description, inputSchema: strictInput(tool), outputSchema: output, annotations },
    callback,
  );
}

/**
 * The arguments of a tool and no others: a misnamed `filter` that is ignored would list foods that the user excluded.
 */
function strictInput({ name, input }: Tool): z.ZodObject {
  const names = Object.keys(input.shape);
  return z.strictObject(input.shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const [unknown = ""] = issue.keys;
      const meant = nearestName(unknown, names);
      return `${name} has no argument "${unknown}".${meant === undefined ? "" : ` Did you mean ${meant}?`} Its arguments are ${names.join(", ")}.`;
    },
  });
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
