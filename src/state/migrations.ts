import { costCounterTables } from "./cost-counters.ts";
import { feedbackTables } from "./feedback.ts";
import { sequenceTables } from "./sequences.ts";

/**
 * SQL that brings an empty database to version 1, version 1 to 2, and so on; never changed after a release. Until
 * the first release all tables belong to version 1.
 */
export const migrations: readonly string[] = [[costCounterTables, feedbackTables, sequenceTables].join("\n")];
