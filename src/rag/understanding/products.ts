import type { Word } from "../vocabulary/words.ts";
import type { Span } from "./mentions.ts";

/** What is made of a food, with more than the food: milk and eggs in a curd, alcohol in an extract. */
const products = new Set(
  `ale beer bread brandy broth burger butter cake cheese cider cookie cream crumble curd custard essence extract
  fritter ice jam jelly liqueur loaf milk milkshake mousse muffin oil pancake paste pie powder pudding roll sauce
  schnapps shake smoothie sorbet spirit spread stock syrup tart vinegar wine yoghurt yogurt`.split(/\s+/),
);

/**
 * Whether a name only says what another food is made of: the record of `Lemon` does not say what lemon curd contains.
 */
export function namesProduct({ ids, to }: Span, words: readonly Word[]): boolean {
  const next = words[to];
  return ids.length > 0 && next !== undefined && products.has(next.plain.replace(/s$/, ""));
}
