import type { JSX } from "preact";
import type { Source } from "../service/contract.ts";
import "./reasons.css";

/** Why a record is a source of the answer; nothing of a service that does not say. */
export function Reasons({ source }: { readonly source: Source }): JSX.Element | null {
  // Conversations of an earlier version of the page have none.
  const reasons = source.reasons ?? [];
  if (reasons.length === 0) return null;
  return (
    <p class="reasons">
      <span class="reasons-label">Why</span> {reasons.join(" · ")}
    </p>
  );
}
