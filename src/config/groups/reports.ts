import { expressionOf, type Group, optional, text, type Values } from "../variables.ts";

export interface ReportSettings {
  /** When the service checks the embedding model for drift: a cron expression in UTC; `undefined`: never. */
  readonly driftSchedule: string | undefined;
  /** When it writes the report of seven days; `undefined`: never. */
  readonly reportSchedule: string | undefined;
}

const variables = {
  DRIFT_SCHEDULE: optional(text),
  REPORT_SCHEDULE: optional(text),
};

export const reportGroup: Group<ReportSettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    driftSchedule: expressionOf(values.DRIFT_SCHEDULE, "0 4 * * *"),
    reportSchedule: expressionOf(values.REPORT_SCHEDULE, "0 6 * * 1"),
  }),
};
