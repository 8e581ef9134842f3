import type { JSX } from "preact";
import { age, count, duration, span, time, timeZone, withLocalTimes } from "../components/format.ts";
import { useNow } from "../components/use-now.ts";
import { Icon, type IconName } from "../icons/icon.tsx";
import type { Status } from "../service/contract.ts";
import { causeText } from "./failure-words.ts";
import type { History, Range } from "./history.ts";
import type { Trouble } from "./incidents.ts";
import type { LiveStatus } from "./use-live-status.ts";
import "./state-line.css";

const icons: Readonly<Record<Status["condition"], IconName>> = {
  good: "good",
  warning: "warning",
  bad: "bad",
  unknown: "unknown",
};

const words: Readonly<Record<Status["condition"], string>> = {
  good: "Good",
  warning: "Warning",
  bad: "Bad",
  unknown: "Unknown",
};

interface StateLineProps {
  readonly status: Status;
  readonly isLost: boolean;
  /** Who answers, from the cutover; `undefined` without one. */
  readonly answers: string | undefined;
  /** `undefined` until they arrive. */
  readonly troubles: readonly Trouble[] | undefined;
  /** When a later step of the cutover replaced its last rollback, ISO 8601. */
  readonly goneOnAt: string | undefined;
  /** What was measured over a range; `undefined` until it arrives. */
  readonly history: History | undefined;
  readonly range: Range;
  readonly now: number;
}

/** Is everything all right, and if not, since when and why: one sentence. */
export function StateLine(props: StateLineProps): JSX.Element {
  const { status, isLost, answers, troubles, goneOnAt, history, range, now } = props;
  const { since, measuredSince, traffic, replicas, lostReplicas } = status;
  const sentence = withLocalTimes(status.sentence, Date.parse(status.time));
  const [headline = "", reasons = ""] = sentence.split(/(?<=\.) (.*)/s);
  const condition = isLost ? "unknown" : status.condition;
  const isDated = since !== null && !/\bsince\b/.test(sentence);
  const from = sentence.includes("reading from") ? undefined : answersOf(status, answers);
  const facts = [
    requestsText(traffic.requestsPerMinute),
    traffic.p95 === null ? undefined : `95 of 100 within ${duration(traffic.p95)} (last 5 minutes)`,
    replicas > 1 ? `${replicas} replicas` : undefined,
    lostReplicas?.length > 0 ? `${lostReplicas.length} lost` : undefined,
    measuredSince === null ? undefined : `measured since ${time(measuredSince)}`,
  ];
  return (
    <section class={`state-line state-line-${condition}`} aria-label="State">
      <span class="state-line-icon">
        <Icon name={icons[condition]} size={26} label={words[condition]} />
      </span>
      <div class="state-line-words">
        <p class="state-line-sentence">
          <span role="status">
            {isLost && "Last known: "}
            {reasons === "" ? headline : headline.slice(0, -1)}
            {reasons !== "" && (
              <>
                <span class="only-for-readers">. </span>
                <span class="state-line-reasons">{reasons}</span>
              </>
            )}
          </span>
          {isDated && condition === "good" && ` since ${time(since)}, for ${span(since, now)}`}
        </p>
        <p class="state-line-answers">
          {isDated && condition !== "good" && `Since ${time(since)}. `}
          {from !== undefined && `${from}. `}
          {troubles !== undefined && <Troubles troubles={troubles} since={since} goneOnAt={goneOnAt} />}
        </p>
        {condition !== "good" && history !== undefined && history.causes.length > 0 && (
          <p class="state-line-facts">
            Failed or refused in the last {range.label}: {causeWords(history.causes)}
          </p>
        )}
        <p class="state-line-facts">{facts.filter(Boolean).join(" · ")}</p>
      </div>
    </section>
  );
}

function requestsText(perMinute: number): string {
  const shown = count(perMinute);
  return shown === "1" ? "1 request a minute" : `${shown} requests a minute`;
}

/** Causes that the line names. */
const namedCauses = 3;

/** `71 × refused: overloaded, 3 × timeout of a store`. */
function causeWords(causes: History["causes"]): string {
  return causes
    .slice(0, namedCauses)
    .map(({ code, count: times }) => `${count(times)} × ${causeText(code)}`)
    .join(", ");
}

/** Who answers now: while a store fails, another one than the cutover says. `undefined`: nobody. */
function answersOf({ reading, stores }: Status, answers: string | undefined): string | undefined {
  const store = stores.find(({ name }) => name === reading);
  if (reading === null || store?.condition === "bad") return undefined;
  const isFallback = store !== undefined && store.role !== "primary";
  return isFallback ? `Answers come from ${reading}` : (answers ?? `Answers come from ${reading}`);
}

/** Open alerts and incidents by name; otherwise when the last one was. */
function Troubles({
  troubles,
  since,
  goneOnAt = "",
}: {
  readonly troubles: readonly Trouble[];
  readonly since: string | null;
  readonly goneOnAt: string | undefined;
}): JSX.Element {
  const open = troubles.filter(({ state }) => state === "open");
  // What somebody sees to is no news.
  const first = open.find(({ alert }) => !alert?.acknowledgement) ?? open[0];
  const known = open.filter(({ alert }) => alert?.acknowledgement).length;
  if (first !== undefined) {
    return (
      <a class="state-line-link" href="#troubles">
        {open.length} open{known > 0 && ` (${known === open.length ? "" : `${known} `}acknowledged)`}:{" "}
        {first.title}
      </a>
    );
  }
  const last = troubles.find(({ sort, openedAt }) => sort !== "rollback" || openedAt > goneOnAt);
  if (last === undefined) return <span>No alert or incident so far.</span>;
  if (since !== null && last.openedAt < since) return <span>No alert or incident in that time.</span>;
  return (
    <a class="state-line-link" href="#troubles">
      Last: {last.title.replace(/\.$/, "")}, {time(last.openedAt)}
    </a>
  );
}

/** Whether the page is live, and how old what it shows is. */
export function LiveMark({ arrivedAt, problem }: LiveStatus): JSX.Element {
  const now = useNow(1_000);
  if (arrivedAt === undefined)
    return <span class="live live-lost">{problem ? problem.title : "Connecting"}</span>;
  if (problem !== undefined) {
    return (
      <span class="live live-lost">
        <Icon name="warning" size={14} />
        Connection lost, last update {age(arrivedAt, now)}
      </span>
    );
  }
  return (
    <span class="live">
      <span class="live-zone">Times: {timeZone()}</span>
      <span class="live-dot" />
      <span>Live</span>
    </span>
  );
}
