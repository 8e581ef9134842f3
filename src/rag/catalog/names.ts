import type { StoreRecord } from "../../store/document.ts";
import { toFoodRecord } from "../source.ts";
import { textsOfRole } from "./roles.ts";

/** `Chole (Chana Masala) is …`, `Nasi Lemak: …`, `A banana is …`. */
const opening =
  /^(?:(?:an?|the)\s+)?([\p{L}\p{N}][\p{L}\p{N}\p{M}'’ -]{1,50}?)\s*(?:\(([^)]{2,40})\))?(?::\s|\s+(?:is|are|was|were|consists?|refers|combines?|features?|includes?|can|may|has|have)\s)/iu;

/** An id that is made of words, as `shepherds-pie` is, but neither a number nor a hash. */
const wordsAsId = /^[a-z]{3,}(?:[-_ ][a-z]+)*$/;

/**
 * The names of the food that a record is about: its name field, otherwise the start of its text, otherwise its id.
 *
 * @example namesOf({ id: "5", text: "Biryani is a flavorful Indian rice dish." }) // ["Biryani"]
 */
export function namesOf(record: StoreRecord): string[] {
  const { text, metadata } = toFoodRecord(record);
  const given = textsOfRole(metadata, "name");
  if (given && given.length > 0) return given;
  const [, name, other] = opening.exec(text) ?? [];
  const names = [name, other].filter((each) => each !== undefined).map((each) => each.trim());
  if (names.length > 0) return names;
  return wordsAsId.test(record.id) ? [record.id.replace(/[-_]/g, " ")] : [];
}
