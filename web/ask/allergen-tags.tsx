import type { JSX } from "preact";
import type { Source } from "../service/contract.ts";
import { listsAllergens, textsOf } from "./record.ts";
import "./allergen-tags.css";

/** What a record says about allergens, as labels; nothing if it has no such field. */
export function AllergenTags({ record }: { readonly record: Pick<Source, "metadata"> }): JSX.Element | null {
  if (!listsAllergens(record)) return null;
  const contains = textsOf(record, "allergens");
  const mayContain = textsOf(record, "mayContain");
  return (
    <ul class="allergens" aria-label="Allergens">
      {contains.map((name) => (
        <li key={name} class="allergen">
          {name}
        </li>
      ))}
      {mayContain.map((name) => (
        <li key={name} class="allergen allergen-possible">
          may contain {name}
        </li>
      ))}
      {contains.length + mayContain.length === 0 && <li class="allergen-none">no allergens listed</li>}
    </ul>
  );
}
