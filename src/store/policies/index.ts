export { CheckedWritesStore } from "./checked-writes.ts";
export { EncryptedStore, type EncryptedStoreOptions } from "./encryption/encrypted.ts";
export { KeyRing } from "./encryption/key-ring.ts";
export type { EncryptionOptions } from "./encryption/record-cipher.ts";
export { type ReencryptOptions, type ReencryptResult, reencrypt } from "./encryption/reencrypt.ts";
export { FallbackStore, type FallbackStoreOptions } from "./fallback/fallback.ts";
export { NotedStore } from "./noted-store.ts";
export {
  ObservedStore,
  type ObservedStoreOptions,
  type OperationReport,
  type StoreOperation,
} from "./observed.ts";
