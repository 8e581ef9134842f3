import { AuthenticationError, ForbiddenError } from "../foundation/errors.ts";
import type { Finding } from "../foundation/finding.ts";
import type { CallOptions, VectorStore } from "../store/store.ts";
import { examined } from "./finding.ts";

/** A delete of this id asks for the right to write, and changes nothing. */
const missingId = "ragfood-doctor-no-such-record";

/** Whether the token of a store may write. `info` does not show this, because the read-only token may also read it. */
export async function writeTokenFinding(
  subject: string,
  setting: string,
  store: VectorStore,
  { signal }: CallOptions,
): Promise<Finding> {
  try {
    await store.delete({ ids: [missingId] }, { signal });
    return examined(subject, "fact", "reads and writes");
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    return examined(
      subject,
      "problem",
      `${setting} cannot write: it is the read-only token (${error.message})`,
      `Set ${setting} to the full token; the Upstash console shows it.`,
    );
  }
}

/** Whether the read-only token reads, and a write by it is refused. */
export async function readOnlyTokenFinding(store: VectorStore, { signal }: CallOptions): Promise<Finding> {
  const subject = "Read-only token";
  const options = { signal };
  try {
    await store.info(options);
    await store.delete({ ids: [missingId] }, options);
  } catch (error) {
    if (error instanceof ForbiddenError) return examined(subject, "fact", "reads, and cannot write");
    if (error instanceof AuthenticationError) {
      const hint = "Check UPSTASH_VECTOR_REST_READONLY_TOKEN; the Upstash console shows the token.";
      return examined(subject, "problem", error.message, hint);
    }
    throw error;
  }
  return examined(
    subject,
    "problem",
    "it can write",
    "Set UPSTASH_VECTOR_REST_READONLY_TOKEN to the read-only token of the index.",
  );
}
