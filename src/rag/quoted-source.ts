import { quotedLines, quotedWord } from "./quoted.ts";
import { factsOf } from "./record/facts.ts";
import type { Source } from "./source.ts";

/**
 * A source as a model reads it: its facts and its text between `<source>` tags, each line after a bar. Nothing in it
 * can end the quote or look like a part of the prompt (SEC-5).
 *
 * @param withId adds the id of the record, by which a model can ask for it
 */
export function quotedSource(source: Source, withId = false): string {
  const { number, id, region, type, text } = source;
  const identity = withId ? ` id="${quotedWord(id)}"` : "";
  return `<source number="${number}"${identity} region="${quotedWord(region)}" type="${quotedWord(type)}">${factsLine(source)}\n${quotedLines(text)}\n</source>`;
}

/** What a source's fields say beyond its region and type, in one line of its quote. */
function factsLine(source: Source): string {
  const facts = factsOf(source).filter(({ role }) => role !== "region" && role !== "type");
  return facts.length === 0
    ? ""
    : `\n${quotedLines(`On record: ${facts.map(({ text }) => text).join("; ")}`.replace(/\s+/g, " "))}`;
}
