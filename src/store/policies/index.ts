export { CheckedWritesStore } from "./checked-writes.ts";
export { EncryptedStore } from "./encryption/encrypted.ts";
export { KeyRing } from "./encryption/key-ring.ts";
export type { EncryptionOptions } from "./encryption/record-cipher.ts";
export { CoolDown } from "./fallback/cool-down.ts";
export { FallbackStore } from "./fallback/fallback.ts";
export { NotedStore } from "./noted-store.ts";
export {
  ObservedStore,
  type OperationReport,
} from "./observed.ts";
