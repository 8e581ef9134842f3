import { randomBytes } from "node:crypto";
import { EncryptedStore } from "../../../src/store/policies/encryption/encrypted.ts";
import { KeyRing } from "../../../src/store/policies/encryption/key-ring.ts";
import { FallbackStore } from "../../../src/store/policies/fallback/fallback.ts";
import { ObservedStore } from "../../../src/store/policies/observed.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { loneStore } from "../../cutover/queue/lone.ts";
import { storeContract, vectorContract } from "../contract.ts";
import { denseSettings, memoryStore } from "./stores.ts";

type Policy = (store: VectorStore) => VectorStore;

const observed: Policy = (store) => new ObservedStore({ store, onOperation: () => {} });

const queued: Policy = (store) => loneStore(store).store;

const withFallback: Policy = (primary) =>
  new FallbackStore({ primary, secondary: memoryStore(), deadlineMs: 10_000 });

const keys = new KeyRing([randomBytes(32).toString("base64")]);

/** Fields that the contract does not filter on. */
const encrypted: Policy = (store) =>
  new EncryptedStore({ store, keys, fields: ["original_text", "nested", "axis"] });

const policies: Record<string, Policy> = {
  observed,
  queued,
  "with a fallback": withFallback,
  encrypted,
  "encrypted, with a fallback, queued, observed": (store) => encrypted(withFallback(queued(observed(store)))),
};

for (const [name, policy] of Object.entries(policies)) {
  storeContract(`embedded, ${name}`, async () => policy(memoryStore()));
  vectorContract(`embedded, ${name}`, async () => policy(memoryStore(denseSettings)));
}
