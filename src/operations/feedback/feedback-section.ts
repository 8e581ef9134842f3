import { capitalized } from "../../foundation/capitalized.ts";
import type { FeedbackRepository } from "../../state/feedback.ts";
import type { StatusSection } from "../status/status.ts";
import { type Satisfaction, satisfactionOf, satisfactionText } from "./satisfaction.ts";

const dayMs = 86_400_000;
const days = 7;

/** The newest votes among which comments are looked for, and how many of them are shown. */
const readVotes = 100;
const shownComments = 3;

/** The figures of the section. */
export interface FeedbackDetails extends Satisfaction {
  /** The newest first. */
  readonly comments: readonly { readonly comment: string; readonly vote: "up" | "down" }[];
}

/** Satisfaction of the last seven days, for the status of the service. Without votes it is unknown. */
export async function feedbackSection(repository: FeedbackRepository): Promise<StatusSection> {
  const now = Date.now();
  const satisfaction = satisfactionOf(await repository.byDay({ from: now - days * dayMs, to: now + 1 }));
  const votes = await repository.list({ limit: readVotes });
  const [newest] = votes;
  const comments = votes
    .flatMap(({ comment, vote }) => (comment === undefined ? [] : [{ comment, vote }]))
    .slice(0, shownComments);
  const details: FeedbackDetails = { ...satisfaction, comments };
  return {
    condition: satisfaction.share === undefined ? "unknown" : "good",
    sentence: `${capitalized(satisfactionText(satisfaction))} within ${days} days`,
    time: newest === undefined ? null : new Date(newest.changedAt).toISOString(),
    isStale: newest === undefined || newest.changedAt < now - days * dayMs,
    details,
  };
}
