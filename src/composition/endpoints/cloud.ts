import type { Settings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { EncryptedStore } from "../../store/policies/index.ts";
import type { VectorStore } from "../../store/store.ts";
import { encryptionOptions } from "../application.ts";

/** @throws {UsageError} if the settings name no index in the cloud */
export function requireUpstash({ upstash }: Settings): NonNullable<Settings["upstash"]> {
  if (upstash) return upstash;
  throw new UsageError("upstash needs UPSTASH_VECTOR_REST_URL and UPSTASH_VECTOR_REST_TOKEN.", {
    hint: "Set them in the environment or in .env; embedded:DIR needs neither.",
  });
}

/** The store as the application reads it, with decrypted records. */
export function decrypted(store: VectorStore, settings: Settings): VectorStore {
  const encryption = encryptionOptions(settings);
  return encryption ? new EncryptedStore({ ...encryption, store }) : store;
}
