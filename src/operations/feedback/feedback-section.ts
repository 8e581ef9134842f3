import type { FeedbackRepository } from "../../state/feedback.ts";
import type { StatusSection } from "../status/status.ts";
import { satisfactionOf, satisfactionText } from "./satisfaction.ts";

const dayMs = 86_400_000;
const days = 7;

/** Satisfaction of the last seven days, for the status of the service. Without votes it is unknown. */
export async function feedbackSection(repository: FeedbackRepository): Promise<StatusSection> {
  const now = Date.now();
  const satisfaction = satisfactionOf(await repository.byDay({ from: now - days * dayMs, to: now + 1 }));
  const [newest] = await repository.list({ limit: 1 });
  return {
    condition: satisfaction.share === undefined ? "unknown" : "good",
    sentence: `${capital(satisfactionText(satisfaction))} within ${days} days`,
    time: newest === undefined ? null : new Date(newest.changedAt).toISOString(),
    isStale: newest === undefined || newest.changedAt < now - days * dayMs,
    details: satisfaction,
  };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
