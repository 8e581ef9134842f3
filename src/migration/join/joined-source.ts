import { setProperty } from "../../foundation/own-keys.ts";
import type { Metadata, StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { canonicalJson } from "../content-hash.ts";
import { IdSet } from "../id-set.ts";
import { IdTally } from "../id-tally.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../source.ts";
import { type Partner, Partners } from "./partners.ts";
import type { JoinReport } from "./report.ts";

/** Ids of each kind that a report lists. */
const maximumListed = 100;

export interface JoinOptions extends CallOptions {
  readonly source: RecordSource;
  /** A JSON list or JSON Lines, gzipped or not, of records with an `id`. */
  readonly file: string;
  /** Fields to join. Default: all except `id`, `text` and `original_text`. */
  readonly fields?: readonly string[];
  /** Whose value is used if both have the field. Default `source`. */
  readonly conflictsGoTo?: "source" | "file";
}

/**
 * A source whose records get, by id, the fields of a data file as metadata. Ids, texts, vectors and the order are the
 * source's. A field that is `null` in the file counts as missing.
 */
export class JoinedSource implements RecordSource {
  readonly name: string;
  readonly #options: JoinOptions;
  readonly #partners: Partners;
  #report: JoinReport | undefined;

  private constructor(options: JoinOptions, partners: Partners) {
    this.name = `${options.source.name} with ${options.file}`;
    this.#options = options;
    this.#partners = partners;
  }

  /**
   * Reads the file, into a temporary database on disk.
   *
   * @throws {DataError} if the file cannot be read without changing a value, or a record has no id or the id of an
   * earlier one
   * @throws {CancelledError}
   */
  static async open(options: JoinOptions): Promise<JoinedSource> {
    return new JoinedSource(options, await Partners.read(options.file, options));
  }

  /** The result of the last complete pass; `undefined` before. */
  get report(): JoinReport | undefined {
    return this.#report;
  }

  describe(options?: CallOptions): Promise<SourceDescription> {
    return this.#options.source.describe(options);
  }

  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const pass = new JoinPass(this.#options, this.#partners);
    for await (const batch of this.#options.source.records(options)) {
      yield batch.map((record) => pass.join(record));
    }
    this.#report = pass.report();
  }

  async close(): Promise<void> {
    this.#partners.close();
    await this.#options.source.close();
  }
}

/** One pass over the source, and what it finds. */
class JoinPass {
  readonly #options: JoinOptions;
  readonly #partners: Partners;
  readonly #fields: ReadonlySet<string> | undefined;
  readonly #joined = new IdSet();
  readonly #withoutPartner = new IdTally(maximumListed);
  readonly #conflicts = new IdTally(maximumListed);
  readonly #otherTexts = new IdTally(maximumListed);
  readonly #gained = new Map<string, number>();
  readonly #conflicting = new Map<string, number>();
  #sourceCount = 0;
  #joinedCount = 0;

  constructor(options: JoinOptions, partners: Partners) {
    this.#options = options;
    this.#partners = partners;
    this.#fields = options.fields && new Set(options.fields);
  }

  join(record: StoreRecord): StoreRecord {
    this.#sourceCount++;
    const partner = this.#partners.find(record.id);
    if (partner === undefined) {
      this.#withoutPartner.add(record.id);
      return record;
    }
    this.#joinedCount++;
    this.#joined.add(record.id);
    if (hasOtherText(record, partner)) this.#otherTexts.add(record.id);
    return { ...record, metadata: this.#merge(record.id, record.metadata ?? {}, partner) };
  }

  #merge(id: string, metadata: Metadata, partner: Partner): Metadata {
    const gained: Record<string, unknown> = {};
    let hasConflict = false;
    for (const [field, value] of Object.entries(partner.fields)) {
      if (this.#fields && !this.#fields.has(field)) continue;
      const isKnown = Object.hasOwn(metadata, field);
      if (isKnown && canonicalJson(metadata[field]) === canonicalJson(value)) continue;
      if (isKnown) {
        hasConflict = true;
        increment(this.#conflicting, field);
        if (this.#options.conflictsGoTo !== "file") continue;
      } else increment(this.#gained, field);
      setProperty(gained, field, value);
    }
    if (hasConflict) this.#conflicts.add(id);
    return { ...metadata, ...gained };
  }

  report(): JoinReport {
    return {
      file: this.#options.file,
      fileRecordCount: this.#partners.count,
      sourceRecordCount: this.#sourceCount,
      joinedCount: this.#joinedCount,
      fields: Object.fromEntries(this.#gained),
      withoutPartnerInFile: this.#withoutPartner,
      withoutPartnerInSource: this.#withoutPartnerInSource(),
      conflicts: this.#conflicts,
      conflictFields: Object.fromEntries(this.#conflicting),
      conflictsGoTo: this.#options.conflictsGoTo ?? "source",
      otherTexts: this.#otherTexts,
    };
  }

  #withoutPartnerInSource(): IdTally {
    const without = new IdTally(maximumListed);
    if (this.#joined.size === this.#partners.count) return without;
    for (const id of this.#partners.ids()) if (!this.#joined.has(id)) without.add(id);
    return without;
  }
}

/** An enriched record keeps its original text in `original_text`. */
function hasOtherText({ text, metadata }: StoreRecord, partner: Partner): boolean {
  return (
    typeof partner.text === "string" && partner.text !== text && partner.text !== metadata?.original_text
  );
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
