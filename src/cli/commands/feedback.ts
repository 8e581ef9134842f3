import { readSettings } from "../../config/settings.ts";
import { satisfactionOf, satisfactionText } from "../../operations/feedback/satisfaction.ts";
import { type Feedback, FeedbackRepository } from "../../state/feedback.ts";
import type { Run } from "../command.ts";
import type { list } from "../definitions/feedback.ts";
import { oneLine } from "../foreign-text.ts";
import { spanOf } from "../span.ts";
import { withState } from "../state.ts";
import type { Terminal } from "../terminal.ts";

export const listFeedback: Run<typeof list> = async (values, { environment, terminal }) => {
  const span = spanOf(values);
  const { vote, limit } = values;
  return await withState(readSettings(environment), async (state) => {
    const repository = new FeedbackRepository(state);
    const feedback = await repository.list({ ...span, vote, limit });
    const satisfaction = satisfactionOf(await repository.byDay(span));
    const [from, to] = [span.from, span.to].map((time) => new Date(time).toISOString());
    if (values.json) terminal.json({ from, to, satisfaction, feedback: feedback.map(withTimes) });
    else print(feedback, satisfactionText(satisfaction), terminal);
    return undefined;
  });
};

function withTimes({ createdAt, changedAt, ...feedback }: Feedback): object {
  const [created, changed] = [createdAt, changedAt].map((time) => new Date(time).toISOString());
  return { ...feedback, createdAt: created, changedAt: changed };
}

function print(feedback: readonly Feedback[], summary: string, terminal: Terminal): void {
  for (const { vote, createdAt, question = "(question not known)", comment, store, generator } of feedback) {
    const mark = terminal.style(vote === "up" ? "green" : "red", vote.padEnd(4));
    const by = [store, generator].filter((name) => name !== undefined).join(", ");
    const time = new Date(createdAt).toISOString().slice(0, 16).replace("T", " ");
    terminal.line(`${mark}  ${time} UTC  ${oneLine(question)}${by === "" ? "" : ` (${oneLine(by)})`}`);
    if (comment !== undefined) terminal.line(`      ${oneLine(comment)}`);
  }
  if (feedback.length > 0) terminal.line();
  terminal.line(`Satisfaction: ${summary}.`);
}
