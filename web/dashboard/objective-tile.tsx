import type { JSX } from "preact";
import { Badge, type Tone } from "../components/badge.tsx";
import { age, count, duration, none, percent, roughSpan } from "../components/format.ts";
import { Meter } from "../components/meter.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import type { Objective } from "../service/contract.ts";
import { breachText } from "./breach-text.ts";
import type { Range } from "./history.ts";
import "./objective-tile.css";

interface ObjectiveTileProps {
  readonly objective: Objective;
  /** Its measure over a range; `undefined` until it arrives. */
  readonly course: readonly (number | null)[] | undefined;
  readonly range: Range;
  /** Begin of what was measured. */
  readonly measuredSince: string | null;
  /** Whether nothing has arrived from the service for some time. */
  readonly isLost: boolean;
  readonly now: number;
}

const standings: Readonly<Record<Objective["standing"], readonly [tone: Tone, word: string]>> = {
  met: ["good", "Met"],
  missed: ["warning", "Missed now"],
  recovered: ["warning", "Recovered"],
  recovering: ["warning", "Recovering"],
  "budget used": ["bad", "Budget used up"],
  breached: ["bad", "Breached"],
  unknown: ["unknown", "Too few requests"],
  stale: ["unknown", "Stale"],
};

/** A service objective: its value, its target, and how much of the error budget is left. */
export function ObjectiveTile(props: ObjectiveTileProps): JSX.Element {
  const { objective, course, range, measuredSince, isLost, now } = props;
  const { title, unit, comparison, target, value, state, budget, isStale, requests, windows } = objective;
  const text = (measure: number | null) => (unit === "milliseconds" ? duration(measure) : percent(measure));
  const isMeasured = objective.time !== null;
  const isOld = isLost || (isMeasured && (isStale || state === "stale"));
  const [tone, word] = isOld ? standings.stale : standings[objective.standing];
  const [window] = windows;
  return (
    <article class={`objective objective-${tone}`} aria-label={title}>
      <header class="objective-head">
        <h2 class="objective-title">
          <a class="objective-link" href="#traffic">
            {title}
          </a>
        </h2>
        <Badge tone={tone}>{word}</Badge>
      </header>
      <p class={`objective-value ${isOld ? "objective-old" : ""}`}>{text(value)}</p>
      <p class="objective-target">
        {window !== undefined && !isOld && `last ${window.minutes} min, `}
        objective {comparison} {text(target)}
        {state === "breached" && breachText(objective, isOld)}
        {isOld && objective.time !== null && `, measured ${age(objective.time, now)}`}
      </p>
      <div class="objective-day">
        {course !== undefined && isCourse(course) && (
          <Sparkline
            values={measuredPartOf(course)}
            label={`${title}, last ${range.label}: ${spreadOf(course, text)}`}
            {...(isNear(objective, course) && { target })}
          />
        )}
      </div>
      <footer class="objective-budget">
        {budget === null ? (
          <span>{requests > 0 ? `${count(requests)} requests in the last hour` : none}</span>
        ) : (
          <>
            <Meter
              share={budget.remaining}
              tone={
                isOld || state === "unknown"
                  ? "unknown"
                  : budget.remaining <= 0
                    ? "bad"
                    : budget.remaining < 0.25
                      ? "warning"
                      : "good"
              }
            />
            <span>
              {budget.remaining <= 0
                ? `Error budget of ${budget.days} days is used up`
                : `${percent(budget.remaining)} of the ${budget.days}-day error budget left`}
              {measuredPart(measuredSince, budget.days, now)}
            </span>
          </>
        )}
      </footer>
    </article>
  );
}

/** How much of the days of a budget was measured, if not all. */
function measuredPart(since: string | null, days: number, now: number): string {
  if (since === null || now - Date.parse(since) >= days * dayMs) return "";
  return `, measured for ${roughSpan(since, now)}`;
}

const dayMs = 86_400_000;

/** Whether enough was measured for a line; a stroke of two points says nothing. */
function isCourse(course: readonly (number | null)[]): boolean {
  return course.filter((value) => value !== null).length >= 5;
}

/** What was not measured yet takes no width. */
function measuredPartOf(course: readonly (number | null)[]): readonly (number | null)[] {
  return course.slice(course.findIndex((value) => value !== null));
}

/** `41 ms to 2.9 s`: the lowest and the highest value. */
function spreadOf(course: readonly (number | null)[], text: (value: number) => string): string {
  const values = course.filter((value) => value !== null);
  return `${text(Math.min(...values))} to ${text(Math.max(...values))}`;
}

/** Whether the target is near what was measured; a far one would flatten the line. */
function isNear({ comparison, target }: Objective, day: readonly (number | null)[]): boolean {
  return comparison === "at least" || day.some((value) => value !== null && value > target / 2);
}
