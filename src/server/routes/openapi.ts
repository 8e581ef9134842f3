import type { ServerApp } from "../environment.ts";
import type { ServerParts } from "../parts.ts";

/** The document of all routes that were added before it. */
export function openApiRoutes(app: ServerApp, { version }: ServerParts): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "A key that `ragfood keys create` made. Programs on the machine of the service need no key.",
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "ragfood",
      version,
      description: "Questions in plain words, answered from an index of records, with sources.",
    },
    security: [{ key: [] }, {}],
  });
}
