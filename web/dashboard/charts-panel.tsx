import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count, duration, none, percent, time } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import { Segments } from "../components/segments.tsx";
import { State } from "../components/state.tsx";
import { Icon } from "../icons/icon.tsx";
import type { Objective } from "../service/contract.ts";
import { adviceOn, problemOf, sentence } from "../service/problem-error.ts";
import { pageAction, usePageActions } from "../shell/page-actions.ts";
import { type History, type Mark, type Measures, type Range, ranges } from "./history.ts";
import { TimeChart } from "./time-chart.tsx";
import "./charts-panel.css";

interface ChartsPanelProps {
  /** The last history that arrived, of any range. */
  readonly history: History | undefined;
  /** Why no newer one arrives. */
  readonly error: unknown;
  /** Changes of the cutover, which the history of measures does not know. */
  readonly cutoverMarks: readonly Mark[];
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  /** The objective for the slowest requests: a line in the latency chart. */
  readonly p99: Objective | undefined;
}

/** Latency, volume and failures on one time axis, with what happened marked on it. */
export function ChartsPanel(props: ChartsPanelProps): JSX.Element {
  const { history: measured, error, cutoverMarks, range, onRange, p99 } = props;
  const history = useMemo(() => measured && withMarks(measured, cutoverMarks), [measured, cutoverMarks]);
  const [place, setPlace] = useState<number>();
  usePageActions(() =>
    ranges.map((each) => pageAction(`Range: ${each.label}`, "clock", () => onRange(each))),
  );
  const problem = error === undefined ? undefined : problemOf(error);
  const at = place === undefined ? undefined : history?.times[place];
  return (
    <Panel
      title="Traffic"
      id="traffic"
      class="charts"
      aside={
        <div class="charts-aside">
          <span>{at === undefined ? `last value: ${lastTime(history)}` : time(at * 1_000)}</span>
          <Segments
            label="Range"
            options={ranges.map(({ id, label }) => ({ value: id, label }))}
            value={range.id}
            onChange={(id) => onRange(ranges.find((each) => each.id === id) ?? range)}
          />
        </div>
      }
    >
      {problem && history === undefined && (
        <State icon="bad" tone="bad" title={sentence(problem.detail)}>
          {adviceOn(problem)}
        </State>
      )}
      <div class="charts-plots">
        {history && <Charts history={history} place={place} onPlace={setPlace} p99={p99} />}
      </div>
    </Panel>
  );
}

function withMarks(history: History, marks: readonly Mark[]): History {
  const [first = Number.POSITIVE_INFINITY] = history.times;
  return { ...history, marks: [...history.marks, ...marks.filter(({ time: at }) => at >= first)] };
}

/** What the legends show while nothing is pointed at: the last time that has ended. */
function lastTime(history: History | undefined): string {
  const place = history?.requests.findLastIndex((value) => value !== null) ?? -1;
  const at = history?.times[place];
  return at === undefined ? none : time(at * 1_000);
}

interface ChartsProps {
  readonly history: History;
  readonly place: number | undefined;
  readonly onPlace: (place: number | undefined) => void;
  readonly p99: Objective | undefined;
}

const perMinute = (value: number | null | undefined) =>
  value === null || value === undefined ? none : value < 10 ? `${Number(value.toFixed(1))}` : count(value);

function Charts({ history, place, onPlace, p99 }: ChartsProps): JSX.Element {
  const { times, marks } = history;
  const common = { times, place, onPlace };
  // A time without a request has no latency; only one that was not watched is a gap.
  const joined = (values: Measures) =>
    values.map((value, at) => value ?? (history.requests[at] === null ? null : undefined));
  return (
    <>
      <TimeChart
        {...common}
        title="Latency"
        height={190}
        format={duration}
        marks={marks}
        {...(p99 && {
          objective: { value: p99.target, label: `p99 objective ${duration(p99.target)}` },
        })}
        series={[
          { label: "p50", values: joined(history.p50), color: "series-1" },
          { label: "p95", values: joined(history.p95), color: "series-2", dash: [6, 2] },
          { label: "p99", values: joined(history.p99), color: "series-3", dash: [2, 2] },
        ]}
      />
      <TimeChart
        {...common}
        title="Requests a minute"
        height={96}
        leastTop={1}
        format={perMinute}
        marks={marks}
        series={[
          { label: "all", values: history.requests, color: "series-2", isFilled: true },
          {
            label: "in place of a store that failed",
            values: history.fallbacks,
            color: "series-3",
            dash: [2, 2],
          },
        ]}
      />
      <TimeChart
        {...common}
        title="Failed and refused requests"
        height={112}
        leastTop={0.01}
        format={percent}
        marks={marks}
        hasTimes
        series={[
          { label: "failed", values: joined(history.errors), color: "bad", isFilled: true },
          { label: "refused: overloaded", values: joined(history.refused), color: "series-3", dash: [2, 2] },
        ]}
      />
      <MarkList marks={marks} />
    </>
  );
}

/** Marks that are listed beneath the charts, newest first. */
const listedMarks = 6;

function MarkList({ marks }: { readonly marks: readonly Mark[] }): JSX.Element | null {
  if (marks.length === 0) return null;
  const listed = marks.toSorted((left, right) => right.time - left.time).slice(0, listedMarks);
  return (
    <ul class="marks" aria-label="Events">
      {listed.map((mark) => (
        <li key={`${mark.time}-${mark.text}`} class={`mark mark-${mark.kind}`}>
          <Icon
            name={mark.kind === "cutover" ? "route" : mark.kind === "breaker" ? "shield" : "undo"}
            size={14}
          />
          <time>{time(mark.time * 1_000)}</time>
          <span>{mark.text}</span>
        </li>
      ))}
      {marks.length > listedMarks && <li class="mark">and {marks.length - listedMarks} earlier ones</li>}
    </ul>
  );
}
