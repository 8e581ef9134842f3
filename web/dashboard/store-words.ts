import type { CutoverDetails } from "./cutover.ts";

/** What the page calls the two stores of a cutover, which the commands and the API call source and target. */
export interface StoreWords {
  /** `the old store (chroma)`; without its name if it is not known. */
  readonly old: string;
  readonly new: string;
}

/** @param details `undefined` from a service that does not name its stores */
export function storeWords(details: Pick<CutoverDetails, "source" | "target"> | undefined): StoreWords {
  const named = (words: string, name: string | undefined) =>
    name === undefined ? words : `${words} (${name})`;
  return { old: named("the old store", details?.source), new: named("the new store", details?.target) };
}

/** Words of the protocol (docs/cutover.md) and what the page writes instead. */
const replaced: readonly (readonly [RegExp, string])[] = [
  [/\bthe source\b/g, "the old store"],
  [/\bThe source\b/g, "The old store"],
  [/\bthe target\b/g, "the new store"],
  [/\bThe target\b/g, "The new store"],
  [/\bhas led\b/g, "has answered"],
  [/\bshadow reads\b/g, "compared questions"],
  [/\bthe leader\b/g, "the store that takes writes"],
];

/** A sentence of a gate, a rule or an incident in the words of the page. @param leader the side that leads */
export function inStoreWords(text: string, leader: string): string {
  const follower = leader === "source" ? "the new store" : "the old store";
  return replaced.reduce(
    (words, [pattern, replacement]) => words.replace(pattern, replacement),
    text.replace(/\bthe follower\b/g, follower),
  );
}
