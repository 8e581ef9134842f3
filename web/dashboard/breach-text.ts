import { isMissed } from "../../src/operations/objectives/standing.ts";
import { count, span, time } from "../components/format.ts";
import type { Objective } from "../service/contract.ts";

/** What a request that uses up the error budget is. */
const badWords: Readonly<Record<Objective["name"], string>> = {
  average: "slow",
  p99: "slower",
  availability: "not answered",
  errors: "failed",
};

/**
 * Since when or until when an objective was breached, by what, and when its alert ends:
 * `, was above it from 10:49 to 10:52: 9 of 897 requests slower in 30 min. The alert ends by 11:22 if it stays so`.
 */
export function breachText(objective: Objective, isOld: boolean): string {
  const { name, comparison, since, calmSince, endsBy, windows } = objective;
  const begin = since === null ? "" : time(since);
  // The shortest window that breaks the rule now, whatever the value of the last minutes.
  const burning = windows.find(({ bad, burnRate }) => (bad ?? 0) > 0 && (burnRate ?? 0) > 1);
  const isValueBad = isMissed(objective);
  const seen =
    burning === undefined || isValueBad
      ? ""
      : `: ${count(burning.bad ?? 0)} of ${count(burning.requests)} requests ${badWords[name]} in ${span(0, burning.minutes * 60_000)}`;
  if (isOld || calmSince === null) return begin === "" ? "" : `, since ${begin}${seen}`;
  const was = isValueBad
    ? `, since ${begin}`
    : `, was ${comparison === "below" ? "above" : "below"} it ${begin} to ${time(calmSince)}`;
  const calm = isValueBad ? `. No bad request since ${time(calmSince)}` : "";
  const end = endsBy === null ? "" : `. The alert ends by ${time(endsBy)} if it stays so`;
  return `${was}${seen}${calm}${end}`;
}
