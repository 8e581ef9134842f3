import type { CutoverRows, RecordKey } from "../../state/cutover/rows.ts";
import type { Guards } from "../guards.ts";
import type { Timing } from "../timing.ts";

/** What every rule needs. Each rule is one transaction. */
export interface Protocol {
  /**
   * Runs `work` in one serializable transaction. It may run again after a conflict, so it has no other effects.
   *
   * `reserve` is for a full disk: `use`, the default, takes the space that `keep` put aside; `none` does neither.
   */
  transaction<T>(
    work: (rows: CutoverRows) => Promise<T>,
    options?: { readonly readOnly?: boolean; readonly reserve?: "keep" | "use" | "none" },
  ): Promise<T>;
  readonly timing: Timing;
  readonly guards: Guards;
}

/** One text for each key: no namespace has the character U+0000. */
export function keyText({ namespace, id }: RecordKey): string {
  return `${namespace}\0${id}`;
}

export function groupByKey<Item extends RecordKey>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const text = keyText(item);
    const group = groups.get(text);
    if (group) group.push(item);
    else groups.set(text, [item]);
  }
  return groups;
}
