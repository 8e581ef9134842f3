import type { IconName } from "../icons/icon.tsx";

export interface Page {
  readonly id: "ask" | "dashboard" | "data";
  readonly name: string;
  /** Relative to the page that links to it, so that the pages may be served under any path. */
  readonly address: string;
  readonly icon: IconName;
}

export const pages: readonly Page[] = [
  { id: "ask", name: "Ask", address: "./ask", icon: "ask" },
  { id: "dashboard", name: "Dashboard", address: "./dashboard", icon: "gauge" },
  { id: "data", name: "Data", address: "./data", icon: "table" },
];
