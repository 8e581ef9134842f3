import type { Settings } from "../config/settings.ts";
import { type DumpKey, indexKeyPrefix, openDump } from "../migration/dump/index.ts";
import type { Endpoint } from "../migration/run/index.ts";
import { KeyRing } from "../store/policies/index.ts";

/**
 * The key for a dump of an index with encrypted records, which must be encrypted on disk too. It is derived from the
 * current key of the settings.
 *
 * @returns `undefined` for a source whose records are not encrypted
 */
export function ownDumpKey(source: Endpoint, settings: Settings): DumpKey | undefined {
  const { encryption } = settings;
  if (encryption === undefined || !holdsEncrypted(source, settings)) return undefined;
  const keys = new KeyRing(encryption.keys);
  return keyOf(keys, keys.currentId);
}

function holdsEncrypted(source: Endpoint, settings: Settings): boolean {
  if (source.kind === "dump") return knownDumpKey(source.path, settings) !== undefined;
  return source.kind === "embedded" || source.kind === "upstash";
}

/** The key of the settings that a dump was encrypted with; `undefined` for any other dump. */
export function knownDumpKey(directory: string, { encryption }: Settings): DumpKey | undefined {
  if (encryption === undefined) return undefined;
  const id = openDump(directory).encryption?.keyId;
  return id?.startsWith(indexKeyPrefix)
    ? keyOf(new KeyRing(encryption.keys), id.slice(indexKeyPrefix.length))
    : undefined;
}

function keyOf(keys: KeyRing, id: string): DumpKey | undefined {
  const bytes = keys.derive(id, "dump");
  return bytes && { id: `${indexKeyPrefix}${id}`, bytes };
}
