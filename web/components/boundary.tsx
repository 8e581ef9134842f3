import type { ComponentChildren, JSX } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Button } from "./button.tsx";
import { State } from "./state.tsx";

interface BoundaryProps {
  /** Removes what may have led to the failure, before the page loads again. */
  readonly onReset: () => void;
  readonly children: ComponentChildren;
}

/** Shows a way out if the page itself fails, in place of an empty window. */
export function Boundary({ onReset, children }: BoundaryProps): JSX.Element {
  const [error] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  const reload = (
    <>
      <Button icon="refresh" onClick={() => location.reload()}>
        Load again
      </Button>
      <Button
        onClick={() => {
          onReset();
          location.assign(location.pathname);
        }}
      >
        Start over
      </Button>
    </>
  );
  return (
    <State icon="bad" tone="bad" title="This page failed to show something." isAlert actions={reload}>
      Load it again. If that does not help, start over: this forgets what this tab has kept.
    </State>
  );
}
