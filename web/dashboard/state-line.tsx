import type { JSX } from "preact";
import { age, count, duration, time } from "../components/format.ts";
import { useNow } from "../components/use-now.ts";
import { Icon, type IconName } from "../icons/icon.tsx";
import type { Status } from "../service/contract.ts";
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

/** Is everything all right, and if not, since when and why: one sentence. */
export function StateLine({
  status,
  isLost,
}: {
  readonly status: Status;
  readonly isLost: boolean;
}): JSX.Element {
  const { sentence, since, traffic, replicas, lostReplicas, reading } = status;
  const condition = isLost ? "unknown" : status.condition;
  const facts = [
    reading === null || sentence.includes("reading from") ? undefined : `reading from ${reading}`,
    `${count(traffic.requestsPerMinute)} requests a minute`,
    traffic.p95 === null ? undefined : `95 of 100 within ${duration(traffic.p95)}`,
    replicas > 1 ? `${replicas} replicas` : undefined,
    lostReplicas?.length > 0 ? `${lostReplicas.length} lost` : undefined,
  ];
  return (
    <section class={`state-line state-line-${condition}`} aria-label="State">
      <span class="state-line-icon">
        <Icon name={icons[condition]} size={26} label={words[condition]} />
      </span>
      <div class="state-line-words">
        <p class="state-line-sentence" role="status">
          {isLost ? `Last known: ${sentence}` : sentence}
        </p>
        <p class="state-line-facts">
          {since !== null && !/\bsince\b/.test(sentence) && `Since ${time(since)}. `}
          {facts.filter(Boolean).join(" · ")}
        </p>
      </div>
    </section>
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
      <span class="live-dot" />
      Live
    </span>
  );
}
