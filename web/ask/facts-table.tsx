import type { JSX } from "preact";
import type { FoodFacts } from "../service/contract.ts";
import { fieldLabel } from "./record.ts";
import "./facts-table.css";

/** What the records of the named foods say: a row for each fact, a column for each food. */
export function FactsTable({ facts }: { readonly facts: readonly FoodFacts[] }): JSX.Element | null {
  const roles = [...new Set(facts.flatMap((food) => food.facts.map(({ role }) => role)))];
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
                <td key={food.id}>
                  {food.facts.find((fact) => fact.role === role)?.text ?? "not on record"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
