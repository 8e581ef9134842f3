/** What a person cannot or does not want to eat, said of themselves or of someone they cook for. */
const saysSo =
  /\b(?:i|we|he|she|they|who|(?:my|our) \w+|(?:one|some|two|\w+) (?:guests?|friends?|of us))\b(?:['’](?:m|re|s|ve))?[^.?!]{0,40}\b(?:allerg\w*|intoleran\w*|co?eliacs?|vegans?|vegetarians?|pescatarians?|(?:do|does|can|must|should|may)(?:n['’]t| not)(?: (?:want|like|have) to)? (?:eat|have|drink|tolerate)|cannot (?:eat|have|drink|tolerate)|never eat|avoid|hate)\b/i;

/** A question about one food, `Are we vegetarians?`, says nothing of a person. */
const asks =
  /^\W*(?:what|which|who|where|when|why|how|is|are|was|were|does|do|did|can|could|may|should|must)\b[^.]*\?\W*$/i;

/** Whether a text says what a person must avoid: this holds for the rest of a conversation. */
export function saysWhatToAvoid(text: string): boolean {
  return saysSo.test(text) && (!asks.test(text) || /\b(?:i['’]?m|i am|allerg|intoleran)\b/i.test(text));
}

/** Earlier exchanges of this kind that are remembered. */
const mostPersonal = 6;

/** The last exchanges of a conversation, and before them those that say what a person must avoid. */
export function remembered<T extends { readonly question: string }>(
  exchanges: readonly T[],
  most: number,
): T[] {
  const earlier = exchanges.slice(0, -most).filter(({ question }) => saysWhatToAvoid(question));
  return [...earlier.slice(-mostPersonal), ...exchanges.slice(-most)];
}
