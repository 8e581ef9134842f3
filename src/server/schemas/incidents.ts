import { z } from "@hono/zod-openapi";
import { isoTime } from "../../operations/status/iso-time.ts";
import type { IncidentCost } from "../../operations/watch/incident-cost.ts";
import { incidentDocument } from "../../operations/watch/incident-document.ts";
import { type Incident, type IncidentAction, incidentActions } from "../../state/incidents.ts";

/** An incident as the dashboard shows it. Times are ISO 8601. */
export interface IncidentResponse {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
  /** Whether it stays open until a person closes it. */
  readonly isKept: boolean;
  readonly evidence?: unknown;
  /** Markdown, with the cost and the notes; null until the report of a rollback is written. */
  readonly report: string | null;
  readonly cost: {
    readonly durationMs: number;
    readonly requests: number;
    /** Failed or refused. */
    readonly unanswered: number;
    /** Share of the availability's error budget of 30 days that they used; null without requests. */
    readonly budgetShare: number | null;
  };
  readonly notes: readonly {
    readonly time: string;
    readonly by: string;
    readonly action: IncidentAction;
    readonly text: string;
  }[];
}

export const incidentSchema: z.ZodType<IncidentResponse> = z
  .object({
    id: z.string(),
    kind: z.string(),
    title: z.string(),
    openedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    closedAt: z.iso.datetime().nullable(),
    isKept: z.boolean(),
    evidence: z.unknown(),
    report: z.string().nullable(),
    cost: z.object({
      durationMs: z.number(),
      requests: z.number().int(),
      unanswered: z.number().int(),
      budgetShare: z.number().nullable(),
    }),
    notes: z.array(
      z.object({
        time: z.iso.datetime(),
        by: z.string(),
        action: z.enum(incidentActions),
        text: z.string(),
      }),
    ),
  })
  .openapi("Incident");

export const incidentsSchema: z.ZodType<{ readonly incidents: readonly IncidentResponse[] }> = z
  .object({ incidents: z.array(incidentSchema) })
  .openapi("Incidents");

/** The body of what a person does about an alert or an incident. */
export interface OperatorNote {
  /** Name of the person who acts. A key is named beside it. */
  readonly by?: string | undefined;
  /** A note on an incident needs one. */
  readonly text?: string | undefined;
}

export const operatorNoteSchema: z.ZodType<OperatorNote> = z
  .strictObject({ by: z.string().max(100).optional(), text: z.string().max(4_000).optional() })
  .openapi("OperatorNote");

export function toIncidentResponse(incident: Incident, cost: IncidentCost): IncidentResponse {
  const { openedAt, updatedAt, closedAt, notes } = incident;
  return {
    ...incident,
    openedAt: new Date(openedAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    closedAt: isoTime(closedAt),
    report: incidentDocument(incident, cost) ?? null,
    cost: { ...cost, budgetShare: cost.budgetShare ?? null },
    notes: notes.map(({ at, ...note }) => ({ ...note, time: new Date(at).toISOString() })),
  };
}
