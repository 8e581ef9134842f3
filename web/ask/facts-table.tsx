import type { JSX } from "preact";
import type { FoodFacts, PlanSummary } from "../service/contract.ts";
import { fieldLabel } from "./record.ts";
import "./facts-table.css";

interface FactsTableProps {
  readonly facts: readonly FoodFacts[];
  readonly asked: PlanSummary["asked"];
}

/** What the records say about what was asked: a row for each fact, a column for each food. */
export function FactsTable({ facts, asked }: FactsTableProps): JSX.Element | null {
  const wanted = rolesOf(asked);
  const roles = wanted.filter((role) => facts.some((food) => food.facts.some((fact) => fact.role === role)));
  if (roles.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways needs the arrow keys.
    <section class="facts" aria-label="Facts on record" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <td class="facts-caption">On record</td>
            {facts.map(({ id, name }) => (
              <th key={id} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {roles.map((role) => (
            <tr key={role}>
              <th scope="row">{fieldLabel(role)}</th>
              {facts.map((food) => (
                <td key={food.id}>{textOf(food, role)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Beside what was asked: what people look for in any food. */
const always = ["energy", "diet", "allergens", "mayContain"];

function rolesOf({ facts, diets, allergens, ingredients }: PlanSummary["asked"]): string[] {
  const count = facts.length + diets.length + allergens.length + ingredients.length;
  if (count === 0) return [];
  return [...new Set([...facts, ...(ingredients.length > 0 ? ["ingredients"] : []), ...always])];
}

/** Without the words that the phrase begins with: the row has a label. */
function textOf({ facts }: FoodFacts, role: string): string {
  const text = facts.find((fact) => fact.role === role)?.text;
  if (text === undefined) return role === "mayContain" ? "nothing listed" : "not on record";
  return text.replace(/^(?:[a-z ]+:|contains|may contain|from) /, "");
}
