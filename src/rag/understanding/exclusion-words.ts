/** Words of a question that leave something out, as parts of regular expressions: each is listed here only. */

/** `without` in the languages of neighbours, whose questions are often half English. */
export const foreignWithout = "sans|ohne|senza|sin|sem|zonder";

export const allergicTo = "allerg(?:ic|y|ies) to|intoleran(?:t|ce) (?:to|of|for)";

/** A person with an allergy. */
export const allergy = "allerg\\w*|intoleran\\w*|co?eliacs?";

export const speaksOfAllergy: RegExp = new RegExp(`\\b(?:${allergy})\\b`, "i");

/** Words before what is left out. */
export const leavesOut: string = [
  `\\b(?:without(?: any)?|${foreignWithout}|no|neither|nor|(?<!uzbek )non|minus|lacking|instead of|other than|${allergicTo})`,
  "\\b(?:not (?:contain(?:ing)?|have|having|include|including|use|using|made (?:with|from|of))(?: any)?)",
  "(?:n['’]t|\\bnot|\\bno) (?:can )?(?:contain|have|include|use|eat|like|tolerate|want|take|stand)",
  "\\b(?:cannot|can not|never) (?:eat|have|tolerate|digest)(?: any)?",
  "\\b(?:free (?:of|from)|avoid(?:s|ing)?|except(?: for)?|excluding|besides|hates?|dislikes?|leav(?:e|ing) out)",
].join("|");

/** Words after what is left out; `is X free from Y?` leaves out what comes after. */
export const leavesOutAfter =
  "^\\s*(?:-\\s*|\\s)(?:free\\b(?! (?:of|from|range))|(?:allerg(?:y|ies|ic)|intoleran(?:t|ce))\\b)";
