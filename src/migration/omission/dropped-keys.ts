import { UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { StoreRecord } from "../../store/document.ts";
import { MappedSource } from "../mapped-source.ts";
import type { Alteration } from "../omission.ts";
import type { RecordSource, RecordsOptions } from "../source.ts";

/** A source without some keys of its metadata, at the first level; each field that it leaves out is reported. */
export class DroppedKeysSource extends MappedSource {
  readonly #keys: readonly string[];

  constructor(source: RecordSource, keys: readonly string[]) {
    super(source, (record, { onOmission }) => {
      const { id, metadata } = record;
      const found = keys.filter((key) => metadata !== undefined && Object.hasOwn(metadata, key));
      if (metadata === undefined || found.length === 0) return record;
      for (const field of found) onOmission?.({ id, field, reason: "is left out by --drop-keys" });
      const kept = Object.entries(metadata).filter(([key]) => !found.includes(key));
      return { ...record, metadata: Object.fromEntries(kept) };
    });
    this.#keys = keys;
  }

  override records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { onAlteration } = options;
    const isKept = ({ field }: Alteration) => !this.#keys.includes(field);
    return super.records({
      ...options,
      onAlteration: onAlteration && ((alteration) => isKept(alteration) && onAlteration(alteration)),
    });
  }
}

/**
 * @param text keys, separated by commas, or a JSON list of keys
 * @throws {UsageError}
 */
export function parseKeys(text: string): readonly string[] {
  const keys: unknown = text.startsWith("[") ? parsedList(text) : text.split(",").map((key) => key.trim());
  const isList = Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === "string");
  if (isList && (text.startsWith("[") || !keys.includes(""))) return [...new Set(keys as string[])];
  throw new UsageError(`${quoted(text)} does not list metadata keys.`, {
    hint: `Use --drop-keys "raw_html,Header 1", or a JSON list for keys with commas: --drop-keys '["a,b"]'.`,
  });
}

function parsedList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
