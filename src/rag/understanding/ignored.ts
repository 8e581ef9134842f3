import type { Constraint, Correction, NamedFood, QuestionPlan } from "./plan.ts";

/** `diet:vegan`, `region:peru`, or for what foods must be without, `excluded:nuts`. */
export function constraintKey({ kind, name, isExcluded }: Constraint): string {
  return keyOf(isExcluded ? "excluded" : kind, name);
}

/** `food:biryani`. */
export function foodKey({ name }: Pick<NamedFood, "name">): string {
  return keyOf("food", name);
}

/** `spelling:biriyani`: the word as the question has it. */
export function correctionKey({ from }: Pick<Correction, "from">): string {
  return keyOf("spelling", from);
}

function keyOf(kind: string, name: string): string {
  return `${kind}:${name}`.toLowerCase();
}

/** Joins alternatives in the name of a constraint: `region:india or thailand`. */
const alternative = " or ";

/** The parts of a question's understanding that the caller switched off, by their keys. */
export class IgnoredParts {
  readonly #keys = new Set<string>();

  constructor(keys: Iterable<string> = []) {
    for (const key of keys) {
      const [kind, ...rest] = key.toLowerCase().split(":");
      for (const name of rest.join(":").split(alternative)) this.#keys.add(`${kind}:${name.trim()}`);
    }
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** A plan of an earlier question without the constraints that are ignored now. */
  without(plan: QuestionPlan): QuestionPlan {
    if (this.#keys.size === 0) return plan;
    return { ...plan, constraints: plan.constraints.filter((each) => !this.#holds(each)) };
  }

  #holds({ name, ...constraint }: Constraint): boolean {
    return name.split(alternative).every((each) => this.has(constraintKey({ ...constraint, name: each })));
  }
}

export const nothingIgnored: IgnoredParts = new IgnoredParts();
