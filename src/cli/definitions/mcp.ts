import type { CommandDefinition } from "../command.ts";
import { namespace, store } from "./shared.ts";

export const mcp = {
  name: "mcp",
  summary: "Serve the tools ask, search, get_food and list_facets to an AI assistant (MCP, stdio)",
  options: { namespace, store },
  examples: [
    [
      "claude mcp add ragfood -- npx ragfood mcp",
      "an MCP host starts the command itself (docs/integrations.md)",
    ],
    ["ragfood mcp --namespace menu", "the tools read this namespace and no other"],
  ],
} as const satisfies CommandDefinition;
