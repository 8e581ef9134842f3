import { optional, type Variables, whole } from "../variables.ts";

export interface FeedbackSettings {
  /** Days after which votes and comments are deleted. */
  readonly feedbackDays: number;
}

export interface FeedbackVariables {
  readonly FEEDBACK_DAYS?: number | undefined;
}

export const feedbackVariables: Variables<FeedbackVariables> = {
  FEEDBACK_DAYS: optional(whole(1, 36_500)),
};

export function feedbackOf({ FEEDBACK_DAYS: days = 365 }: FeedbackVariables): FeedbackSettings {
  return { feedbackDays: days };
}
