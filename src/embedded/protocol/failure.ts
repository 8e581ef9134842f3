import { dirname, sep } from "node:path";
import { FilterSyntaxError, RagfoodError, ServiceError, StorageError } from "../../foundation/errors.ts";

/** The HTTP status of an error: what the service would answer, 502 if a model server failed, else 500. */
export function statusOf(error: unknown): number {
  if (error instanceof ServiceError) {
    return error.service === "embedded" ? (error.status ?? 500) : 502;
  }
  return error instanceof FilterSyntaxError ? 422 : 500;
}

/**
 * The message for the client. Details of an unforeseen error and the directories of this machine stay in the
 * log, under the id of the request.
 */
export function publicMessage(error: unknown, requestId: string): string {
  if (!(error instanceof RagfoodError)) return `Internal server error (request ${requestId})`;
  if (!(error instanceof StorageError)) return error.message;
  const directory = dirname(error.path);
  return error.message.replaceAll(`${directory}${sep}`, "").replaceAll(directory, "the directory");
}
