import type { JSX } from "preact";
import "./skeleton.css";

interface SkeletonProps {
  /** Lines of text that will come. */
  readonly lines?: number;
  /** What is loading, for screen readers. Default: another shape says it. */
  readonly label?: string;
}

/** The shape of text that is on its way. */
export function Skeleton({ lines = 3, label }: SkeletonProps): JSX.Element {
  return (
    <div class="skeleton" {...(label ? { role: "status" } : { "aria-hidden": true })}>
      {label && <span class="only-for-readers">{label}</span>}
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton-line" />
      ))}
    </div>
  );
}
