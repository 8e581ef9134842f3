import type { JudgedQuery } from "../../evaluation/index.ts";
import type { Finding } from "../../foundation/finding.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { ComparedStore, TextModel } from "../compare/index.ts";
import type { DumpKey } from "../dump/index.ts";
import type { JoinReport } from "../join/index.ts";
import type { ClientLayout } from "../layout.ts";
import type { RecordSource } from "../source.ts";
import type { PlanSettings } from "../survey/index.ts";
import type { Embedding, MigrationTarget } from "../target.ts";

/** The source of a migration, open for reading. */
export interface MigrationSource {
  readonly records: RecordSource;
  /** Its full address, as the ledger names it. */
  readonly place: string;
  /** Changes as soon as the content of the source does; `undefined` if that cannot be seen. */
  readonly fingerprint: string | undefined;
  /** Files that are backed up first; absent if the source is no directory of Chroma. */
  readonly directory?: string;
  /** Whether the backup takes a database with the journal that a killed process left. */
  readonly includeJournals?: boolean;
  /** For a source that is a dump: it is imported directly. */
  readonly dumpDirectory?: string;
  /** The source as a store that answers queries; absent if it is files. */
  readonly store?: ComparedStore;
  close(): Promise<void>;
}

/** The target of a migration, existing or about to be created. */
export type TargetDesign = IndexDesign | DumpDesign;

interface DesignParts {
  /** URL or path, as the ledger and the reports name it. */
  readonly place: string;
  /** The argument that names it as a source. */
  readonly word: string;
  /** False if the first write creates it. */
  readonly exists: boolean;
  /** Of an index that does not exist yet: its description once it is created. */
  readonly info: StoreInfo;
  readonly namespace: string;
  readonly embedding: Embedding;
}

/** An index: of Upstash, embedded, or a collection of a Chroma server. */
interface IndexDesign extends DesignParts {
  readonly kind: "index";
  /** The settings by which the application uses it, by name and without secrets. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A dump, which the export creates whole or not at all. */
interface DumpDesign extends DesignParts {
  readonly kind: "dump";
  readonly directory: string;
}

/** A target that the caller closes. */
export interface OpenTarget extends MigrationTarget {
  close(): Promise<void>;
}

/** A store that the caller closes. */
export interface OpenStore extends ComparedStore {
  close(): Promise<void>;
}

/** Known questions with the records that answer them. */
export interface KnownQuestions {
  readonly queries: readonly JudgedQuery[];
  /** Share of them that must be answered; default: as in `knownQuestions`. */
  readonly minimumHits?: number;
}

/** What the phases of a migration work with. */
export interface Migration {
  readonly name: string;
  /** The directory of the project's state. */
  readonly stateDirectory: string;
  /** The directory of this migration: ledger, dump, report. */
  readonly directory: string;
  readonly source: MigrationSource;
  /** The records as they are changed on their way: what the target has to hold. */
  readonly wanted: RecordSource;
  /** Another text for other changes of the records on their way; `""` without any. */
  readonly changesFingerprint: string;
  /** Result of the join in the last whole pass over `wanted`; `undefined` if nothing is joined. */
  joinReport(): JoinReport | undefined;
  readonly target: TargetDesign;
  /** What the target embeds of a record. Default: its unchanged text. */
  readonly template: string | undefined;
  /** What the plan assumes or accepts. */
  readonly planning: Pick<PlanSettings, "plan" | "rate" | "acceptMetricChange" | "overwrite" | "droppedKeys">;
  /** The client whose layout the records of `wanted` have. */
  readonly layout: ClientLayout | undefined;
  /** Records that the target refuses are left out, and listed. */
  readonly skipRefused: boolean;
  /** Records of the target that the source does not have do not stop the migration. */
  readonly allowExtras: boolean;
  /** The vectors of the target are made in this process. */
  readonly storeEmbeds: boolean;
  /** Length of the source's dense vectors; 0 without any. */
  readonly dimension: number;
  /** The model that embeds questions by the settings; absent if the index does. */
  readonly model?: TextModel;
  /** Known questions for both sides, if a file was named. */
  readonly questions?: KnownQuestions;
  /** Checks what both sides need. Changes nothing. */
  examine(): AsyncIterable<Finding>;
  /**
   * `write` creates a target that does not exist; `read` changes nothing.
   * @throws {UsageError} for a dump, which has no single records to write or to read
   */
  openTarget(access: "read" | "write"): Promise<OpenTarget>;
  /** Another source with the same changes as `wanted`. */
  withChanges(source: RecordSource): Promise<RecordSource>;
  /** The vectors of `records` in an exact index of their metric, for a source that answers no queries itself. */
  openReference(records: RecordSource, signal: AbortSignal): Promise<OpenStore>;
  readonly dumpFormat: "jsonl" | "parquet";
  readonly dumpKey?: DumpKey;
  /** The directory of the backups. */
  readonly backupsDirectory: string;
}
