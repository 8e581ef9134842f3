import { accuracyTables } from "./accuracy.ts";
import { alertTables } from "./alerts.ts";
import { costCounterTables } from "./cost-counters.ts";
import { cutoverEvidenceTables } from "./cutover/evidence.ts";
import { cutoverTables } from "./cutover/tables.ts";
import { driftTables } from "./drift.ts";
import { feedbackTables } from "./feedback.ts";
import { incidentTables } from "./incidents.ts";
import { keyTables } from "./keys.ts";
import { metricHistoryTables } from "./metric-history.ts";
import { replicaTables } from "./replicas.ts";
import { scheduleTables } from "./schedules.ts";
import { sequenceTables } from "./sequences.ts";

const tables: readonly string[] = [
  accuracyTables,
  alertTables,
  costCounterTables,
  cutoverTables,
  cutoverEvidenceTables,
  driftTables,
  feedbackTables,
  incidentTables,
  keyTables,
  metricHistoryTables,
  replicaTables,
  scheduleTables,
  sequenceTables,
];

/**
 * SQL that brings an empty database to version 1, version 1 to 2, and so on; never changed after a release. Until
 * the first release all tables belong to version 1.
 */
export const migrations: readonly string[] = [tables.join("\n")];
