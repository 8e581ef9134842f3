export { JoinedSource, type JoinOptions } from "./joined-source.ts";
export { type JoinReport, joinMarkdown } from "./report.ts";
