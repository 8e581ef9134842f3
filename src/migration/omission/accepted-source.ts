import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RefusedRecords } from "../ledger/index.ts";
import type { Omission } from "../omission.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../source.ts";

/** Why a target does not take a record; `undefined` if it does. */
export type RefusalRule = (record: StoreRecord) => Pick<Omission, "reason" | "hash"> | undefined;

export interface AcceptedSourceOptions {
  /** The records that the target has refused so far; an import adds to them. */
  readonly refused: () => RefusedRecords;
  readonly ruleFor: (refused: RefusedRecords) => RefusalRule;
  /** The rule needs the vectors of a record. */
  readonly needsVectors: boolean;
}

/**
 * The records of a source that a target takes; each of the others is reported as an omission. `describe` reads the
 * source if no pass did since the target refused another record, so that every count is of the records that it gives.
 */
export class AcceptedSource implements RecordSource {
  readonly name: string;
  readonly #source: RecordSource;
  readonly #options: AcceptedSourceOptions;
  /** How many records the last whole pass left out, and how many the target had refused then. */
  #lastPass: { readonly omittedCount: number; readonly refusedCount: number } | undefined;

  constructor(source: RecordSource, options: AcceptedSourceOptions) {
    this.name = source.name;
    this.#source = source;
    this.#options = options;
  }

  async describe(options: CallOptions = {}): Promise<SourceDescription> {
    const isCurrent = this.#lastPass?.refusedCount === this.#options.refused().size;
    if (!isCurrent) for await (const _ of this.records(options));
    const description = await this.#source.describe(options);
    return { ...description, recordCount: description.recordCount - (this.#lastPass?.omittedCount ?? 0) };
  }

  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { refused: readRefused, ruleFor, needsVectors } = this.#options;
    const refused = readRefused();
    const refusalOf = ruleFor(refused);
    let omittedCount = 0;
    const isAccepted = (record: StoreRecord): boolean => {
      const refusal = refusalOf(record);
      if (refusal === undefined) return true;
      omittedCount++;
      options.onOmission?.({ id: record.id, ...refusal });
      return false;
    };
    const reading = needsVectors ? { ...options, includeVectors: true } : options;
    for await (const batch of this.#source.records(reading)) {
      const accepted = batch.filter(isAccepted);
      if (accepted.length > 0) yield accepted;
    }
    this.#lastPass = { omittedCount, refusedCount: refused.size };
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
