import { expressionOf, optional, text, type Variables } from "../variables.ts";

export interface ReportSettings {
  /** When the service checks the embedding model for drift: a cron expression in UTC; `undefined`: never. */
  readonly driftSchedule: string | undefined;
  /** When it writes the report of seven days; `undefined`: never. */
  readonly reportSchedule: string | undefined;
}

export interface ReportVariables {
  readonly DRIFT_SCHEDULE?: string | undefined;
  readonly REPORT_SCHEDULE?: string | undefined;
}

export const reportVariables: Variables<ReportVariables> = {
  DRIFT_SCHEDULE: optional(text),
  REPORT_SCHEDULE: optional(text),
};

export function reportsOf(values: ReportVariables): ReportSettings {
  return {
    driftSchedule: expressionOf(values.DRIFT_SCHEDULE, "0 4 * * *"),
    reportSchedule: expressionOf(values.REPORT_SCHEDULE, "0 6 * * 1"),
  };
}
