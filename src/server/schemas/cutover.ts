import { z } from "@hono/zod-openapi";
import { type Side, type Stage, stages } from "../../state/cutover/rows.ts";

/** The cutover as the dashboard shows it. Times are ISO 8601. */
export interface CutoverResponse {
  readonly stage: Stage;
  /** Grows with each change: sent back with an action, it says what its author saw. */
  readonly epoch: number;
  readonly isPaused: boolean;
  /** When the stage began. */
  readonly since: string | null;
  readonly source: string;
  readonly target: string;
  readonly leader: Side;
  /** Who answers questions, in a sentence without its stop. */
  readonly answers: string;
  /** The key that this request came with; `null`: a program on the machine of the service needs none. */
  readonly caller: { readonly key: string | null };
  /** The leader is changing: writes are queued. */
  readonly isHeld: boolean;
  /** Share of the questions that the target answers, 0 to 1. */
  readonly canaryShare: number | null;
  readonly lag: { readonly records: number; readonly seconds: number } | null;
  /** Writes that the leading store has not received yet. */
  readonly queued: number;
  /** Writes that a store refused for good, or that are damaged: they are not sent. The first 20. */
  readonly parked: {
    readonly count: number;
    readonly writes: readonly {
      readonly number: number;
      readonly namespace: string;
      /** `null`: of the whole namespace. */
      readonly id: string | null;
      readonly reason: string;
      readonly time: string;
      readonly isDamaged: boolean;
    }[];
  };
  /** Records whose last copies or writes failed and are tried again, by reason, most records first; at most 20. */
  readonly failing: readonly {
    /** `null`, as the id, unless it is a single record. */
    readonly namespace: string | null;
    readonly id: string | null;
    readonly records: number;
    readonly attempts: number;
    readonly reason: string;
  }[];
  readonly processes: { readonly all: number; readonly confirmed: number };
  readonly next: Stage | null;
  readonly gates: readonly { readonly title: string; readonly isOpen: boolean; readonly detail: string }[];
  readonly rules: readonly {
    readonly name: string;
    readonly state: "holds" | "broken" | "inconclusive";
    readonly sentence: string;
  }[];
  /** The last comparison of both stores that was asked for over HTTP; `null` before the first. */
  readonly verification: {
    /** `interrupted`: its process ended before it. */
    readonly state: "running" | "done" | "failed" | "interrupted";
    readonly by: string;
    readonly begun: string;
    /** Records compared so far, and records to compare; 0 until they are counted. */
    readonly checked: number;
    readonly total: number;
    readonly differences: number;
    /** Why it failed, or why it does not count for the gates. */
    readonly problem: string | null;
  } | null;
  /** The last 100, newest first. */
  readonly history: readonly {
    readonly time: string;
    /** For programs: `rollback: canary to source`. */
    readonly event: string;
    /** The same for people, with the names of the stores. */
    readonly what: string;
    readonly by: string;
    readonly reason: string | null;
  }[];
}

export const cutoverSchema: z.ZodType<CutoverResponse> = z
  .object({
    stage: z.enum(stages),
    epoch: z.number().int().describe("Grows with each change: send it with an action to say what you saw"),
    isPaused: z.boolean(),
    since: z.string().nullable(),
    source: z.string(),
    target: z.string(),
    leader: z.enum(["source", "target"]),
    answers: z.string(),
    caller: z.object({ key: z.string().nullable() }),
    isHeld: z.boolean(),
    canaryShare: z.number().nullable(),
    lag: z.object({ records: z.number(), seconds: z.number() }).nullable(),
    queued: z.number(),
    parked: z.object({
      count: z.number(),
      writes: z.array(
        z.object({
          number: z.number(),
          namespace: z.string(),
          id: z.string().nullable(),
          reason: z.string(),
          time: z.string(),
          isDamaged: z.boolean(),
        }),
      ),
    }),
    failing: z.array(
      z.object({
        namespace: z.string().nullable(),
        id: z.string().nullable(),
        records: z.number(),
        attempts: z.number(),
        reason: z.string(),
      }),
    ),
    processes: z.object({ all: z.number(), confirmed: z.number() }),
    next: z.enum(stages).nullable(),
    gates: z.array(z.object({ title: z.string(), isOpen: z.boolean(), detail: z.string() })),
    rules: z.array(
      z.object({
        name: z.string(),
        state: z.enum(["holds", "broken", "inconclusive"]),
        sentence: z.string(),
      }),
    ),
    verification: z
      .object({
        state: z.enum(["running", "done", "failed", "interrupted"]),
        by: z.string(),
        begun: z.string(),
        checked: z.number(),
        total: z.number(),
        differences: z.number(),
        problem: z.string().nullable(),
      })
      .nullable(),
    history: z.array(
      z.object({
        time: z.string(),
        event: z.string(),
        what: z.string(),
        by: z.string(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi("Cutover");

export const cutoverActions = [
  "start",
  "advance",
  "rollback",
  "cancel",
  "pause",
  "resume",
  "finish",
] as const;

export type CutoverAction = (typeof cutoverActions)[number];

export interface CutoverActionRequest {
  /** Name of the person who acts, for the history. A key is named beside it. */
  readonly by?: string | undefined;
  /** For the history. */
  readonly reason?: string | undefined;
  /** Share of the questions in per cent that the target answers in `canary`. */
  readonly canaryPercent?: number | undefined;
  /** Goes on with closed gates; needs a reason. */
  readonly isForced?: boolean | undefined;
  /** Of `rollback`: its incident waits for a person to close it. */
  readonly keepsIncidentOpen?: boolean | undefined;
  /** Starts although the target will rank records differently, by another metric. */
  readonly acceptsMetricChange?: boolean | undefined;
  /**
   * The epoch of the cutover that the caller saw: if another change came first, nothing is done, and the answer is 409.
   * `rollback`, `pause` and `resume` do not depend on it.
   */
  readonly epoch?: number | undefined;
}

export const cutoverActionSchema: z.ZodType<CutoverActionRequest> = z
  .object({
    by: z.string().max(100).optional(),
    reason: z.string().max(1_000).optional(),
    canaryPercent: z.number().int().min(0).max(100).optional(),
    isForced: z.boolean().optional(),
    keepsIncidentOpen: z.boolean().optional(),
    acceptsMetricChange: z.boolean().optional(),
    epoch: z
      .number()
      .int()
      .optional()
      .describe(
        "The epoch of the cutover that you saw. If another change came first, nothing is done, and the answer is 409. `rollback`, `pause` and `resume` do not depend on it",
      ),
  })
  .openapi("CutoverAction");

export interface VerificationRequest {
  /** Name of the person who acts. */
  readonly by?: string | undefined;
  /** Records to compare, at least one of each namespace. Default: all. */
  readonly sample?: number | undefined;
}

export const verificationRequestSchema: z.ZodType<VerificationRequest> = z
  .object({
    by: z.string().max(100).optional(),
    sample: z.number().int().min(1).max(1_000_000_000).optional(),
  })
  .openapi("CutoverVerification");
