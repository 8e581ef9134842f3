interface Words {
  readonly present: string;
  readonly past: string;
}

/** An answer of HTTP that is not one of the store: a page or a redirect of something in its place. */
export const unreadableAnswer = "unreadable-answer";

/** What a store that fails does, by the code of its error. */
const failures: Readonly<Record<string, Words>> = {
  authentication: { present: "refuses the token", past: "refused the token" },
  budget: {
    present: "is not asked: the budget of this month is spent",
    past: "was not asked: the budget was spent",
  },
  "circuit-open": { present: "fails again and again", past: "failed again and again" },
  connection: { present: "does not answer", past: "did not answer" },
  deadline: { present: "takes too long to answer", past: "took too long to answer" },
  forbidden: { present: "refuses access (403)", past: "refused access (403)" },
  quota: { present: "has reached its daily limit", past: "had reached its daily limit" },
  "rate-limit": { present: "asks to send less", past: "asked to send less" },
  overloaded: { present: "is overloaded", past: "was overloaded" },
  service: { present: "answers with errors", past: "answered with errors" },
  storage: { present: "cannot read or write its file", past: "could not read or write its file" },
  [unreadableAnswer]: {
    present: "gives answers that cannot be read",
    past: "gave answers that could not be read",
  },
  timeout: { present: "takes too long to answer", past: "took too long to answer" },
};

/** To follow the name of a store: "refuses the token". A code without words of its own is named. */
export function failureWords(error: string | undefined, tense: keyof Words): string {
  const plain = tense === "present" ? "fails" : "failed";
  if (error === undefined) return plain;
  return failures[error]?.[tense] ?? `${plain} (${error})`;
}
