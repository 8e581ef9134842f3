import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { Alteration } from "./omission.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "./source.ts";

type Selection = (record: StoreRecord) => boolean;

export interface SelectedSourceOptions {
  /** Makes the selection of one pass. */
  readonly select: (options: RecordsOptions) => Selection;
  /** Another number means that the selection has changed. Default: it never does. */
  readonly version?: () => number;
  /** The selection reads the vectors of a record. Default false. */
  readonly needsVectors?: boolean;
}

/**
 * Some records of a source. `describe` reads the source if no pass did since the selection changed, so that every
 * count is of the records that it gives.
 */
export class SelectedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #options: SelectedSourceOptions;
  /** How many records the last whole pass left out, and by which version of the selection. */
  #lastPass: { readonly omittedCount: number; readonly version: number } | undefined;

  constructor(name: string, source: RecordSource, options: SelectedSourceOptions) {
    this.name = name;
    this.#source = source;
    this.#options = options;
  }

  async describe(options: CallOptions = {}): Promise<SourceDescription> {
    if (this.#lastPass?.version !== this.#version) {
      for await (const _ of this.records({ ...options, includeVectors: false }));
    }
    const description = await this.#source.describe(options);
    return { ...description, recordCount: description.recordCount - (this.#lastPass?.omittedCount ?? 0) };
  }

  get #version(): number {
    return this.#options.version?.() ?? 0;
  }

  acceptMissingVectors(): void {
    this.#source.acceptMissingVectors?.();
  }

  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { select, needsVectors = false } = this.#options;
    const version = this.#version;
    const isSelected = select(options);
    let omittedCount = 0;
    let altered: Alteration[] = [];
    const onAlteration = options.onAlteration && ((alteration: Alteration) => void altered.push(alteration));
    const reading = { ...options, onAlteration, ...(needsVectors && { includeVectors: true }) };
    for await (const batch of this.#source.records(reading)) {
      const selected = batch.filter(isSelected);
      const ids = new Set(altered.length === 0 ? [] : selected.map(({ id }) => id));
      for (const alteration of altered) if (ids.has(alteration.id)) options.onAlteration?.(alteration);
      altered = [];
      omittedCount += batch.length - selected.length;
      if (selected.length > 0) yield selected;
    }
    this.#lastPass = { omittedCount, version };
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
