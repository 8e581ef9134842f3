export { JoinedSource, type JoinOptions } from "./joined-source.ts";
export { type CountedIds, type JoinReport, joinMarkdown } from "./report.ts";
