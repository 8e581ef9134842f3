import type { ServerApp } from "../environment.ts";
import type { ServerParts } from "../parts.ts";

type Document = ReturnType<ServerApp["getOpenAPI31Document"]>;

const methods = ["get", "post", "put", "delete"] as const;

/** The document of all routes that were added before it. */
export function openApiRoutes(app: ServerApp, { version }: ServerParts): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "A key that `ragfood keys create` made. Programs on the machine of the service need no key.",
  });
  app.get("/openapi.json", (context) =>
    context.json(
      completed(
        app.getOpenAPI31Document({
          openapi: "3.1.0",
          info: {
            title: "ragfood",
            version,
            description: "Questions in plain words, answered from an index of records, with sources.",
          },
          security: [{ key: [] }, {}],
        }),
      ),
    ),
  );
}

/** Adds what follows from the kind of each operation: its name, and failures that middleware answers with. */
function completed(document: Document): Document {
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    for (const method of methods) {
      const operation = operations[method];
      if (operation === undefined) continue;
      operation.operationId = operationId(method, path);
      const { "413": tooLarge, ...responses } = operation.responses ?? {};
      // Of the same form as the failures that the route itself declares.
      const failure = (description: string) => ({ ...responses["401"], description });
      operation.responses = {
        ...responses,
        ...(operation.requestBody && {
          ...(tooLarge && { "413": tooLarge }),
          "415": failure("The body is not sent as JSON, or it is compressed"),
        }),
        "421": failure("The service does not answer under the host of the request"),
      };
    }
  }
  return document;
}

/** `getApiFoodsId`: generators of clients name their functions after it. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method, ...words.map((word) => word[0]?.toUpperCase() + word.slice(1))].join("");
}
