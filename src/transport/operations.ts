/** The commands of Upstash Vector by their names on the wire (the first step of the path). */
type Command =
  | "upsert"
  | "upsert-data"
  | "update"
  | "delete"
  | "reset"
  | "delete-namespace"
  | "rename-namespace"
  | "query"
  | "query-data"
  | "resumable-query"
  | "resumable-query-data"
  | "resumable-query-next"
  | "resumable-query-end"
  | "fetch"
  | "range"
  | "random"
  | "info"
  | "list-namespaces";

/** A command, or a variant of one that has its own retry rule. */
export type Operation = Exclude<Command, "delete"> | "delete by id" | "delete by filter or prefix";

export interface OperationPolicy {
  /** The token that it needs. */
  readonly access: "read" | "write";
  /** `always`, or only if the service certainly did not execute the previous attempt. */
  readonly repeat: "always" | "unless-arrived";
  /** Why it may be repeated, or not. */
  readonly reason: string;
  /** A retry that gets 404 counts as success: the previous attempt took effect. */
  readonly isDoneWhenGone?: true;
}

/** Which commands may be retried. docs/resilience.md explains the effect for callers. */
export const operations: Readonly<Record<Operation, OperationPolicy>> = {
  upsert: { access: "write", repeat: "always", reason: "the same records replace themselves" },
  "upsert-data": { access: "write", repeat: "always", reason: "the same records replace themselves" },
  update: {
    access: "write",
    repeat: "always",
    reason: "overwriting a value or applying a merge patch (RFC 7396) twice has the same effect as once",
  },
  "delete by id": { access: "write", repeat: "always", reason: "deleting again changes nothing" },
  "delete by filter or prefix": {
    access: "write",
    repeat: "unless-arrived",
    reason: "a second scan would run concurrently, and the count of deleted records would be lost",
  },
  reset: { access: "write", repeat: "always", reason: "resetting again changes nothing" },
  "delete-namespace": {
    access: "write",
    repeat: "always",
    reason: "the retry finds it deleted, which is the requested state",
    isDoneWhenGone: true,
  },
  "rename-namespace": {
    access: "write",
    repeat: "unless-arrived",
    reason: "on a retry the old name does not exist, or a new namespace of that name would be renamed",
  },
  query: { access: "read", repeat: "always", reason: "reads" },
  "query-data": { access: "read", repeat: "always", reason: "reads" },
  "resumable-query": {
    access: "read",
    repeat: "unless-arrived",
    reason: "a lost answer leaves one of the 100 allowed queries open for an hour",
  },
  "resumable-query-data": {
    access: "read",
    repeat: "unless-arrived",
    reason: "a lost answer leaves one of the 100 allowed queries open for an hour",
  },
  "resumable-query-next": {
    access: "read",
    repeat: "unless-arrived",
    reason: "a retry would skip the page that was lost",
  },
  "resumable-query-end": {
    access: "read",
    repeat: "always",
    reason: "the retry finds it deleted, which is the requested state",
    isDoneWhenGone: true,
  },
  fetch: { access: "read", repeat: "always", reason: "reads" },
  range: { access: "read", repeat: "always", reason: "reads; the cursor is in the request" },
  random: { access: "read", repeat: "always", reason: "reads; any record is a valid answer" },
  info: { access: "read", repeat: "always", reason: "reads" },
  "list-namespaces": { access: "read", repeat: "always", reason: "reads" },
};

/** Unknown commands are treated as unsafe to retry. */
const unknownOperation: OperationPolicy = {
  access: "write",
  repeat: "unless-arrived",
  reason: "unknown",
};

/** The retry rule of a request, by its command and, for `delete`, by its body. */
export function policyOf(endpoint: string, body: unknown): OperationPolicy {
  const name = endpoint === "delete" ? deleteOperation(body) : endpoint;
  return Object.hasOwn(operations, name) ? operations[name as Operation] : unknownOperation;
}

/** A delete by id is `{ ids }`, or the list itself. */
function deleteOperation(body: unknown): Operation {
  const isById = Array.isArray(body) || (typeof body === "object" && body !== null && "ids" in body);
  return isById ? "delete by id" : "delete by filter or prefix";
}
