/** `Why did you choose this?`, `Why was the second one picked?` */
const asksForChoice =
  /\bwhy\b.*\b(?:did|do|have) you\b.*\b(?:choose|chosen|pick(?:ed)?|select(?:ed)?|recommend(?:ed)?|suggest(?:ed)?|show(?:n)?|rank(?:ed)?)\b|\bwhy\b.*\b(?:was|were|is|are)\b.*\b(?:chosen|picked|selected|ranked|recommended|suggested)\b/i;

/** `Why the first source?`, `Why is that the answer?` */
const asksForSource =
  /^(?:and |but |so )?why\b.*\b(?:(?:the|this|that|these|those|your|first|second|third|last) (?:source|result|answer|match)(?:e?s)?)\b/i;

const bare = /^(?:and |but |so )?why(?: (?:this|that|these|those|them|it)(?: ones?)?)?\W*$/i;

/** `How did you choose these?` */
const asksHow = /\bhow did you (?:choose|pick|select|find|rank)\b/i;

/** `Why not?` asks for the same answer, which names its reason. */
export const whyNot: RegExp = /^(?:and |but |so )?(?:why not|are you (?:really )?sure|really)\W*$/i;

/** Whether a question asks why the sources of the answer before it were chosen. */
export function asksWhy(question: string): boolean {
  return [asksForChoice, asksForSource, bare, asksHow].some((each) => each.test(question.trim()));
}
