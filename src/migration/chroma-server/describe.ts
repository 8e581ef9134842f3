import { ChromaConnection } from "../../store/chroma/connection.ts";
import type { ChromaServer } from "../../store/chroma/server.ts";
import type { CallOptions } from "../../store/store.ts";
import type { SourceDescription } from "../source.ts";
import { describeCollection } from "./collection.ts";

/** Every collection of a Chroma server, by name. @throws {ServiceError} when it does not answer */
export async function describeChromaServer(
  server: ChromaServer,
  options: CallOptions = {},
): Promise<SourceDescription[]> {
  const connection = new ChromaConnection(server);
  const descriptions: SourceDescription[] = [];
  for (const collection of await connection.list(options)) {
    descriptions.push(await describeCollection(connection, collection, options));
  }
  return descriptions;
}
