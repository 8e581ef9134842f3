import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";
import { describeConstraint } from "../../src/rag/understanding/describe-constraint.ts";
import { Chip } from "../components/chip.tsx";
import { Icon } from "../icons/icon.tsx";
import type { PlanSummary } from "../service/contract.ts";
import { describeFilter, isSameFilter } from "./chosen-filter.ts";
import type { RemovedPart, Turn, TurnChange } from "./turn.ts";
import "./understood.css";

interface UnderstoodProps {
  readonly turn: Turn;
  readonly onChange: (change: TurnChange) => void;
}

interface Part extends RemovedPart {
  readonly prefix?: string;
  /** How the question writes it, if it uses other words. */
  readonly written?: string | undefined;
  /** Whether the search did without it. */
  readonly isUnmet?: boolean;
  /** Whether every match contains an allergen: the opposite of what most people mean. */
  readonly isRisk?: boolean;
}

/** What the question was understood as: chips that can be removed and put back, and the answer changes with them. */
export function Understood({ turn, onChange }: UnderstoodProps): JSX.Element | null {
  const { plan, filters, removed } = turn;
  const label = useId();
  // A filter is a condition of the plan too: its own chip removes it.
  const chosen = filters.map((filter) => describeFilter(filter).toLowerCase());
  const isHidden = ({ key, label: words }: Part) =>
    removed.some((one) => one.key === key) || chosen.includes(words.toLowerCase().replace(/^from /, ""));
  const parts = plan === undefined ? [] : partsOf(plan).filter((part) => !isHidden(part));
  // A part that is removed stays where it was: another chip must not slide under the pointer.
  const order = useRef<string[]>([]);
  for (const { key } of [...parts, ...removed]) if (!order.current.includes(key)) order.current.push(key);
  const placed: readonly Part[] = [...parts, ...removed].sort(
    (left, right) => order.current.indexOf(left.key) - order.current.indexOf(right.key),
  );
  const remarks = plan === undefined ? [] : remarksOf(plan);
  const takenAs = plan?.takenAs === undefined ? undefined : continued(plan.takenAs);
  if (takenAs === undefined && parts.length + filters.length + removed.length + remarks.length === 0)
    return null;
  return (
    <div class="understood">
      <span class="understood-label" id={label}>
        Understood
      </span>
      <ul class="understood-chips" aria-labelledby={label}>
        {takenAs !== undefined && <li class="understood-as">{takenAs}</li>}
        {remarks.map(({ prefix, text }) => (
          <li key={prefix}>
            <Chip prefix={prefix}>{text}</Chip>
          </li>
        ))}
        {placed.map((part) =>
          removed.includes(part) ? (
            <li key={part.key}>
              <button
                type="button"
                class="chip chip-struck chip-removable"
                title="Put back, and ask again"
                onClick={() => onChange({ removed: removed.filter(({ key }) => key !== part.key) })}
              >
                <span class="chip-text">{part.label}</span>
                <Icon name="undo" size={12} />
                <span class="only-for-readers">: put back, and ask again</span>
              </button>
            </li>
          ) : (
            <li key={part.key}>
              <Chip
                tone={part.isUnmet ? "neutral" : part.isRisk ? "warning" : "accent"}
                {...(part.prefix !== undefined && { prefix: part.prefix })}
                {...(part.written !== undefined && { suffix: `(${part.written})` })}
                removeHint="Remove, and ask again"
                onRemove={() => onChange({ removed: [...removed, { key: part.key, label: part.label }] })}
              >
                {part.label}
              </Chip>
            </li>
          ),
        )}
        {filters.map((filter) => (
          <li key={`${filter.field}:${filter.value}`}>
            <Chip
              prefix="filter"
              removeHint="Remove, and ask again"
              onRemove={() => onChange({ filters: filters.filter((each) => !isSameFilter(each, filter)) })}
            >
              {describeFilter(filter)}
            </Chip>
          </li>
        ))}
      </ul>
    </div>
  );
}

/**
 * A follow-up goes on from a question, with the conditions that the chips name; or it was completed to a question.
 * `undefined` if it has nothing but those conditions.
 */
function continued(takenAs: string): string | undefined {
  if (takenAs.startsWith("foods: ")) return undefined;
  const [question = "", conditions] = takenAs.split(" · ");
  return conditions === undefined ? takenAs : `Continues “${question}”`;
}

function partsOf({ corrections, foods, constraints }: PlanSummary): Part[] {
  const corrected = new Set(corrections.map(({ to }) => to.toLowerCase()));
  return [
    ...corrections.map(({ key, from, to }) => ({ key, label: to, prefix: `searched, not ${from}:` })),
    ...foods
      .filter(({ name }) => !corrected.has(name.toLowerCase()))
      .map(({ key, name, written }) => ({ key, label: name, written, prefix: "searched for:" })),
    ...constraints.map((constraint) => {
      const { key, written, filter, isDropped = false } = constraint;
      const part = { key, written, label: describeConstraint(constraint) };
      // No record has a field for it, or none meets it together with the others.
      if (filter === undefined) return { ...part, prefix: "not checked:", isUnmet: true };
      if (isDropped) return { ...part, prefix: "searched without:", isUnmet: true };
      return { ...part, isRisk: constraint.kind === "allergen" && !constraint.isExcluded };
    }),
  ];
}

/** What was understood and cannot be removed, each with the words before it. */
function remarksOf({ givenUp = [], notRequired = [], unmentioned = [] }: PlanSummary) {
  return [
    { prefix: "no longer:", text: givenUp.map(describeConstraint).join(", ") },
    { prefix: "not required:", text: notRequired.join(", ") },
    { prefix: "no record mentions:", text: unmentioned.join(", ") },
  ].filter(({ text }) => text !== "");
}
