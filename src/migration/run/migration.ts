import type { JudgedQuery } from "../../evaluation/index.ts";
import type { Finding } from "../../foundation/finding.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { ComparedStore, TextModel } from "../compare/index.ts";
import type { DumpKey } from "../dump/index.ts";
import type { JoinReport } from "../join/index.ts";
import type { RecordSource } from "../source.ts";
import type { PlanSettings } from "../survey/index.ts";
import type { Embedding, MigrationTarget } from "../target.ts";

/** What is migrated from, opened to be read. */
export interface MigrationSource {
  readonly records: RecordSource;
  /** Where it is, in full, as the ledger knows it. */
  readonly place: string;
  /** Differs as soon as the source holds something else; `undefined` where that does not show. */
  readonly fingerprint: string | undefined;
  /** Files that are backed up first; absent where there are none of ours to copy. */
  readonly directory?: string;
  /** Whether the backup takes a database with the journal that a killed process left. */
  readonly includeJournals?: boolean;
  /** Of a source that is a dump: it is imported as it is. */
  readonly dumpDirectory?: string;
  /** The source as a store that answers queries; absent where it is files. */
  readonly store?: ComparedStore;
  close(): Promise<void>;
}

/** What is migrated to, as it is, or as it is going to be made. */
export interface TargetDesign {
  /** URL or path, as the ledger and the reports name it. */
  readonly place: string;
  /** The word that names it as a source, for the way back. */
  readonly word: string;
  /** False where the first write makes it. */
  readonly exists: boolean;
  /** Of an index that is not there yet: what it will say when it is made. */
  readonly info: StoreInfo;
  readonly namespace: string;
  readonly embedding: Embedding;
  /** By which the application asks it, by name and without secrets; absent where it answers no questions. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of a target that is a dump: the directory that the export makes, whole or not at all. */
  readonly dumpDirectory?: string;
}

/** A target that is closed by whoever opened it. */
export interface OpenTarget extends MigrationTarget {
  close(): Promise<void>;
}

/** A store that was opened for one purpose. */
export interface OpenStore extends ComparedStore {
  close(): Promise<void>;
}

/** Known questions with the records that answer them. */
export interface KnownQuestions {
  readonly queries: readonly JudgedQuery[];
  /** Differs as soon as the questions or their gate do. */
  readonly fingerprint: string;
  /** Share of them that has to be hit; default: as `knownQuestions` has it. */
  readonly minimumHits?: number;
}

/** All that a migration is about: what its phases work with. */
export interface Migration {
  readonly name: string;
  /** The directory of the project's state, which has those of its migrations. */
  readonly stateDirectory: string;
  /** That of this migration: ledger, phases, dump, report. */
  readonly directory: string;
  readonly source: MigrationSource;
  /** The records with what is joined to them: what the target is to hold. */
  readonly wanted: RecordSource;
  /** Differs as soon as the joined file or the renaming of keys does; `""` if neither is asked for. */
  readonly joinFingerprint: string;
  /** What the last whole pass over `wanted` found of the join; `undefined` where nothing is joined. */
  joinReport(): JoinReport | undefined;
  /** What the plan assumes or accepts. */
  readonly planning: Pick<PlanSettings, "plan" | "rate" | "acceptMetricChange">;
  readonly target: TargetDesign;
  /** What the target embeds of a record; absent: its text as it is. */
  readonly template: string | undefined;
  /** The target's vectors are made in this process, before they reach it. */
  readonly storeEmbeds: boolean;
  /** Length of the source's dense vectors; 0 where it has none. */
  readonly dimension: number;
  /** By which the settings have questions embedded; absent where they leave it to the index. */
  readonly model?: TextModel;
  /** Known questions that both sides are asked; absent where none were named. */
  readonly questions?: KnownQuestions;
  /** Looks at what both sides need. Changes nothing. */
  examine(): AsyncIterable<Finding>;
  /**
   * To `write`, a target that is not there is made; to `read` it is left as it is.
   * @throws {UsageError} for a dump, which no single record is written to or read from
   */
  openTarget(access: "read" | "write"): Promise<OpenTarget>;
  /** Another source with what is joined to its records. */
  withJoin(source: RecordSource): Promise<RecordSource>;
  /** The source's own vectors in an exact index of its metric, where the source answers no queries itself. */
  openReference(signal: AbortSignal): Promise<OpenStore>;
  readonly dumpFormat: "jsonl" | "parquet";
  readonly dumpKey?: DumpKey;
  /** Where the backup of a directory is put. */
  readonly backupsDirectory: string;
}
