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

/** A command, or the part of one that may be repeated otherwise than the rest of it. */
export type Operation = Exclude<Command, "delete"> | "delete by id" | "delete by filter or prefix";

export interface OperationPolicy {
  /** Which token it needs. */
  readonly access: "read" | "write";
  /** `always`, or only where the service surely did not act on the request before. */
  readonly repeat: "always" | "unless-arrived";
  /** Why it may be repeated, or not. */
  readonly reason: string;
  /** A repetition that finds the thing gone (404) has found it done. */
  readonly isDoneWhenGone?: true;
}

/** What may be repeated; docs/resilience.md says what that means for a caller. */
export const operations: Readonly<Record<Operation, OperationPolicy>> = {
  upsert: { access: "write", repeat: "always", reason: "the same records replace themselves" },
  "upsert-data": { access: "write", repeat: "always", reason: "the same records replace themselves" },
  update: {
    access: "write",
    repeat: "always",
    reason: "a value overwritten, or a merge patch (RFC 7396) applied, twice is as once",
  },
  "delete by id": { access: "write", repeat: "always", reason: "what is gone stays gone" },
  "delete by filter or prefix": {
    access: "write",
    repeat: "unless-arrived",
    reason: "a second scan would run beside the first, and the count of what was deleted would be lost",
  },
  reset: { access: "write", repeat: "always", reason: "what is empty stays empty" },
  "delete-namespace": {
    access: "write",
    repeat: "always",
    reason: "the second time it is gone, which is what was asked for",
    isDoneWhenGone: true,
  },
  "rename-namespace": {
    access: "write",
    repeat: "unless-arrived",
    reason: "a second time the old name is unknown, or another's new namespace of that name is moved",
  },
  query: { access: "read", repeat: "always", reason: "reads" },
  "query-data": { access: "read", repeat: "always", reason: "reads" },
  "resumable-query": {
    access: "read",
    repeat: "unless-arrived",
    reason: "a lost answer leaves a query open for an hour, of the 100 that may be",
  },
  "resumable-query-data": {
    access: "read",
    repeat: "unless-arrived",
    reason: "a lost answer leaves a query open for an hour, of the 100 that may be",
  },
  "resumable-query-next": {
    access: "read",
    repeat: "unless-arrived",
    reason: "the second time it goes on behind a page that nobody has seen",
  },
  "resumable-query-end": {
    access: "read",
    repeat: "always",
    reason: "the second time it is gone, which is what was asked for",
    isDoneWhenGone: true,
  },
  fetch: { access: "read", repeat: "always", reason: "reads" },
  range: { access: "read", repeat: "always", reason: "reads; the cursor is in the request" },
  random: { access: "read", repeat: "always", reason: "reads; any record is as good" },
  info: { access: "read", repeat: "always", reason: "reads" },
  "list-namespaces": { access: "read", repeat: "always", reason: "reads" },
};

/** What is not known may do anything. */
const unknownOperation: OperationPolicy = {
  access: "write",
  repeat: "unless-arrived",
  reason: "unknown",
};

/** How a request is to be treated, by its command and, for `delete`, by its body. */
export function policyOf(endpoint: string, body: unknown): OperationPolicy {
  const name = endpoint === "delete" ? deleteOperation(body) : endpoint;
  return Object.hasOwn(operations, name) ? operations[name as Operation] : unknownOperation;
}

/** A delete by id is `{ ids }`, or the list itself. */
function deleteOperation(body: unknown): Operation {
  const isById = Array.isArray(body) || (typeof body === "object" && body !== null && "ids" in body);
  return isById ? "delete by id" : "delete by filter or prefix";
}
