import { type Interval, wilsonInterval } from "../../evaluation/index.ts";
import type { DailyVotes } from "../../state/feedback.ts";

/** How satisfied users were in a span of time. Plain JSON. */
export interface Satisfaction {
  readonly up: number;
  readonly down: number;
  /** Share of votes up; `undefined` without votes. */
  readonly share: number | undefined;
  /** 95 % interval of the share (Wilson); `undefined` without votes. */
  readonly interval: Interval | undefined;
  /** Days with votes, oldest first. */
  readonly days: readonly DailyVotes[];
}

export function satisfactionOf(days: readonly DailyVotes[]): Satisfaction {
  const up = days.reduce((sum, day) => sum + day.up, 0);
  const down = days.reduce((sum, day) => sum + day.down, 0);
  const count = up + down;
  return {
    up,
    down,
    share: count === 0 ? undefined : up / count,
    interval: count === 0 ? undefined : wilsonInterval(up, count),
    days,
  };
}

/** `90 % of 10 votes are up (95 %: 60 to 98 %)` */
export function satisfactionText({ up, down, share, interval }: Satisfaction): string {
  if (share === undefined || interval === undefined) return "no votes";
  const whole = (value: number) => Math.round(100 * value);
  const votes = up + down === 1 ? "1 vote is" : `${(up + down).toLocaleString("en")} votes are`;
  return `${whole(share)} % of ${votes} up (95 %: ${whole(interval.low)} to ${whole(interval.high)} %)`;
}
