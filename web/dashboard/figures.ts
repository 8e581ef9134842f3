import { bytes, count, dollars, span, time } from "../components/format.ts";
import type {
  DriftFigures,
  FeedbackDetails,
  LiveCost,
  ModelDetails,
  SectionName,
} from "../service/contract.ts";

/** A figure of a section as a name and a value. */
interface Figure {
  readonly label: string;
  readonly value: string;
}

/** What a section shows beside its sentence, which has the main figure: none is written twice. */
export interface Figures {
  readonly figures: readonly Figure[];
  /** A share that a bar shows: of a budget that is spent. */
  readonly spent?: number;
  /** What users wrote, newest first. */
  readonly comments?: readonly string[];
}

/** The figures of a section; none of details that the service did not send. */
export function figuresOf(name: PanelName, details: unknown, now: number): Figures {
  if (typeof details !== "object" || details === null) return { figures: [] };
  return readers[name](details, now);
}

/** The sections that are a panel of figures. The cutover has a panel of its own. */
export type PanelName = Exclude<SectionName, "cutover">;

/** Parts of what a section sends: a replica of another version may leave some out. */
type Sent<Details> = { readonly [Name in keyof Details]?: Details[Name] | null };

const readers: Readonly<Record<PanelName, (details: object, now: number) => Figures>> = {
  model: (details, now) => {
    const { answers, lastAnswer, lastFailure, pausedUntil } = details as Sent<ModelDetails>;
    return {
      figures: present([
        ["Answers", answers && writers[answers]],
        ["Last answer", lastAnswer && time(lastAnswer)],
        ["Last failure", lastFailure && time(lastFailure.time)],
        ["Paused", pausedUntil && pauseWords(pausedUntil, now)],
      ]),
    };
  },
  backups: (details) => {
    const { parts, count: kept, drill } = details as Sent<BackupDetails>;
    return {
      figures: present([
        ...(parts ?? []).map(
          ({ kind, createdAt, byteCount }) => [kind, `${time(createdAt)}, ${bytes(byteCount)}`] as const,
        ),
        ["Restore drill", drill && `${drill.outcome}, ${time(drill.endedAt)}`],
        ["Kept", kept != null && count(kept)],
      ]),
    };
  },
  cost: (details) => {
    const { dollars: spent, expectedDollars, budget, plan } = details as Sent<LiveCost>;
    return {
      figures: present([
        ["Month to date", spent != null && dollars(spent)],
        ["Forecast", expectedDollars != null && dollars(expectedDollars)],
        ["Budget", budget?.dollars !== undefined && dollars(budget.dollars)],
        ["Plan", plan],
      ]),
      ...(budget != null && { spent: budget.share }),
    };
  },
  feedback: (details) => {
    const { up = 0, down = 0, share, comments } = details as Sent<FeedbackDetails>;
    return {
      figures: present([["Votes", share != null && `${count(up ?? 0)} up, ${count(down ?? 0)} down`]]),
      ...(comments != null && { comments: comments.map(({ comment }) => comment) }),
    };
  },
  integrity: (details) => {
    const { drift } = details as Sent<{ readonly drift: DriftFigures }>;
    return { figures: present([["Drift of the model", drift && driftWords(drift)]]) };
  },
};

/** Who writes the answers, in words. */
const writers: Readonly<Record<ModelDetails["answers"], string>> = {
  model: "by the model",
  quotes: "quoted from the records",
  nobody: "none: questions fail",
};

/** After the pause the next question tries the model. */
function pauseWords(until: string, now: number): string {
  const left = Date.parse(until) - now;
  return left > 0 ? `asked again in ${span(now, now + left)}` : "the next question asks it";
}

/** A change of a similarity is a small number without a unit. */
function driftWords({ outcome, largestChange, checkedAt }: DriftFigures): string {
  const change = largestChange === null ? "" : ` (${largestChange.toFixed(4)})`;
  const word = { recorded: "baseline recorded", steady: `none${change}`, drifted: `found${change}` }[outcome];
  return `${word}, ${time(checkedAt)}`;
}

interface BackupDetails {
  /** The newest verified backup of each part. */
  readonly parts: readonly {
    readonly kind: string;
    readonly createdAt: string;
    readonly byteCount: number;
  }[];
  readonly count: number;
  readonly drill: { readonly outcome: string; readonly endedAt: string };
}

function present(
  figures: readonly (readonly [label: string, value: string | false | null | undefined])[],
): Figure[] {
  return figures.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}
