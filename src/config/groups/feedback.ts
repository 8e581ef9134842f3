import { type Group, optional, type Values, whole } from "../variables.ts";

export interface FeedbackSettings {
  /** Days after which votes and comments are deleted. */
  readonly feedbackDays: number;
}

const variables = {
  FEEDBACK_DAYS: optional(whole(1, 36_500)),
};

export const feedbackGroup: Group<FeedbackSettings> = {
  variables,
  read: ({ FEEDBACK_DAYS: days = 365 }: Values<typeof variables>) => ({ feedbackDays: days }),
};
