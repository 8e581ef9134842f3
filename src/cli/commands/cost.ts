import { sourceWorkload, workloadOf } from "../../composition/cost.ts";
import { openCostControl } from "../../composition/cost-control.ts";
import { costMarkdown } from "../../operations/cost/cost-markdown.ts";
import { estimateCost } from "../../operations/cost/estimate.ts";
import { liveCostMarkdown } from "../../operations/cost/live-cost-markdown.ts";
import { readPrices } from "../../pricing/prices.ts";
import type { Run } from "../command.ts";
import type { cost } from "../definitions/cost.ts";
import { requireIndex, settingsOf, withApplication } from "../prepare.ts";
import { withState } from "../state.ts";

export const runCost: Run<typeof cost> = async (values, context) => {
  const { terminal, environment, signal } = context;
  const settings = settingsOf(values, environment);
  if (values.live) {
    const live = await withState(settings, (state) => openCostControl(settings, { state }).live());
    if (values.json) terminal.json(live);
    else terminal.block(liveCostMarkdown(live));
    return undefined;
  }
  const source = values.from === undefined ? undefined : await sourceWorkload(settings, values.from, signal);
  const given = {
    recordCount: values.records ?? source?.recordCount,
    dimension: values.dimension ?? source?.dimension,
    contentBytesPerRecord: values["record-bytes"] ?? source?.contentBytesPerRecord,
    namespaceCount: values.namespaces,
    queriesPerDay: values.queries,
    updatesPerDay: values.upserts,
  };
  const estimate = async (store?: Parameters<typeof workloadOf>[2]) => {
    const { workload, assumptions } = await workloadOf(settings, given, store, signal);
    const growth = { factor: values.growth, months: values.months };
    const result = estimateCost(readPrices(values.prices), workload, growth, assumptions);
    if (values.json) terminal.json(result);
    else terminal.block(costMarkdown(result));
    return undefined;
  };
  // Without a number of records, the index is measured.
  if (given.recordCount !== undefined) return await estimate();
  requireIndex(settings);
  return await withApplication(settings, context, ({ primary }) => estimate(primary));
};
