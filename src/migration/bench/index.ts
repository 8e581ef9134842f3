export { type BenchReport, type BenchSide, bench } from "./bench.ts";
export { benchMarkdown } from "./markdown.ts";
