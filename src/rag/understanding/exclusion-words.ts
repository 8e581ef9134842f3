/** Words of a question that leave something out, as parts of regular expressions: each is listed here only. */

/** `without` in the languages of neighbours, whose questions are often half English. */
export const foreignWithout = "sans|ohne|senza|sin|sem|zonder";

export const allergicTo = "allerg(?:ic|y|ies) to|intoleran(?:t|ce) (?:to|of|for)";

/** A person with an allergy. */
export const allergy = "allerg\\w*|intoleran\\w*|co?eliacs?";

export const speaksOfAllergy: RegExp = new RegExp(`\\b(?:${allergy})\\b`, "i");

/** Words before what is left out. */
export const leavesOut: string = [
  `\\b(?:without(?: any)?|${foreignWithout}|no|zero|neither|nor|non|minus|lack(?:s|ing)?|instead of|other than|${allergicTo})`,
  "\\b(?:none|nothing|not (?:one|any)|nor any|neither)(?: of (?:them|these|it))?(?: that| which)? (?:with|contain(?:s|ing)?|ha(?:s|ve|ving)|includ(?:es?|ing)|us(?:es?|ing)|made (?:with|from|of))",
  "\\b(?:not (?:contain(?:ing)?|have|having|include|including|use|using|made (?:with|from|of))(?: any)?)",
  "(?:n['’]t|\\bnot|\\bno) (?:can )?(?:contain|have|include|use|eat|like|tolerate|want|take|stand|do|touch)",
  "\\b(?:cannot|can not|never) (?:eat|have|tolerate|digest)(?: any)?",
  "\\b(?:free (?:of|from)|avoid(?:s|ing)?|except(?: for)?|excluding|besides|hates?|dislikes?|leav(?:e|ing) out|omit(?:s|ting)?|skip(?:s|ping)?|hold|stay(?:s|ing)? away from)",
  `\\b(?:react(?:s|ing)?(?: \\w+ly)? to|(?:sick|ill|a rash|hives|itchy|die|dying|dead|swells?(?: up)?|swollen) (?:from|of|with|after))`,
].join("|");

/** Words between those and what is left out: `no trace of peanuts`. */
export const amountOf = "(?:traces?|hints?|bits?|drops?|signs?|kinds?|sorts?|forms?|pieces?|amounts?) of";

/** Words after what is left out; `is X free from Y?` leaves out what comes after. */
export const leavesOutAfter: string = [
  "^\\s*(?:-\\s*|\\s)(?:free\\b(?! (?:of|from|range))|(?:allerg(?:y|ies|ic)|intoleran(?:t|ce))\\b)",
  "^\\s*\\??\\s+no(?:pe)?(?: please|,? thanks?(?: you)?)?\\W*(?:$|[.;!?])",
  "^\\s+(?:is|are)(?: also| all)? (?:an? )?(?:no\\b(?!t)|problem|issue|out\\b|off[ -](?:the table|limits)|poison\\b|not (?:ok|okay|allowed|an option))",
  "^\\s+(?:(?:will|would|could|can|may|might) )?(?:makes?|gives?|kills?|upsets?|bothers?|hurts?) (?:me|us|him|her|them|my)\\b",
  "^\\s+(?:does|do)(?: not|n['’]t) agree with",
].join("|");

/** Words of refusal or illness: beside an allergen, one that no rule has read may mean that a person must avoid it. */
export const mayLeaveOut: RegExp =
  /\b(?:none|nothing|sick|ill|react\w*|kills?|die|dies|deadly|poison|hurts?|upsets?|swell\w*|swollen|rash|hives|itch\w*|skip|omit|minus|problem|off the table|avoid|hates?|allerg\w*|intoleran\w*|(?:not|n['’]t) (?:friends?|get along|agree|my thing))\b/i;
