import { isLeftOut } from "./describe-constraint.ts";
import type { Constraint, Correction, GivenUp, NamedFood, QuestionPlan } from "./plan.ts";

/** `diet:vegan`, `region:peru`; for what foods must be without `excluded:nuts`, for what they must not be `not:peru`. */
export function constraintKey(constraint: GivenUp): string {
  const { kind, name, isExcluded } = constraint;
  return keyOf(isLeftOut(constraint) ? "excluded" : isExcluded ? "not" : kind, name);
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
  readonly #used = new Set<string>();
  readonly #more: IgnoredParts | undefined;

  /** @param more parts that are ignored as well */
  constructor(keys: Iterable<string> = [], more?: IgnoredParts) {
    this.#more = more;
    for (const key of keys) {
      const [kind = "", ...rest] = key.toLowerCase().split(":");
      if (rest.length === 0) this.#keys.add(kind);
      else for (const name of rest.join(":").split(alternative)) this.#keys.add(`${kind}:${name.trim()}`);
    }
  }

  has(key: string): boolean {
    const isIgnored = this.#keys.has(key);
    if (isIgnored) this.#used.add(key);
    return (this.#more?.has(key) ?? false) || isIgnored;
  }

  /** Those that no part of a question had. */
  get unused(): string[] {
    return [...this.#keys].filter((key) => !this.#used.has(key));
  }

  /** A plan of an earlier question without the constraints that are ignored now. */
  without(plan: QuestionPlan): QuestionPlan {
    return { ...plan, constraints: plan.constraints.filter((each) => !this.#holds(each)) };
  }

  #holds({ name, ...constraint }: Constraint): boolean {
    return name.split(alternative).every((each) => this.has(constraintKey({ ...constraint, name: each })));
  }
}

/** The keys of a plan's parts; of alternatives one each. */
export function keysOf({ corrections, foods, constraints }: QuestionPlan): string[] {
  return [
    ...corrections.map(correctionKey),
    ...foods.map(foodKey),
    ...constraints.flatMap((constraint) =>
      constraint.name.split(alternative).map((name) => constraintKey({ ...constraint, name })),
    ),
  ];
}

export const nothingIgnored: IgnoredParts = new IgnoredParts();
