import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { time } from "../components/format.ts";
import { Icon } from "../icons/icon.tsx";
import { type CutoverDetails, lastDecision, reasonOf, type Step } from "./cutover.ts";
import type { Trouble } from "./incidents.ts";
import "./outcome-banner.css";

interface OutcomeBannerProps {
  readonly details: CutoverDetails;
  readonly troubles: readonly Trouble[] | undefined;
  readonly now: number;
  /** Whether the user of this page has just acted: then its result comes into view. */
  readonly isAwaited: boolean;
  readonly onReport: (id: string) => void;
}

/** Milliseconds for which the last change of the cutover stays at the top of the page. */
const shownMs = 30 * 60_000;

/** Milliseconds between a rollback and its incident, at most. */
const incidentMs = 10_000;

/** The last change of the cutover and what became of it, for everyone who looks; also read out. */
export function OutcomeBanner(props: OutcomeBannerProps): JSX.Element {
  const { details, troubles, now, isAwaited, onReport } = props;
  const [closed, setClosed] = useState("");
  const element = useRef<HTMLElement>(null);
  const decision = lastDecision(details.history);
  const at = decision?.change.time ?? "";
  const isShown = decision !== undefined && at !== closed && now - Date.parse(at) < shownMs;
  const incident = decision && incidentOf(decision, troubles);
  useEffect(() => {
    if (!isShown || !isAwaited) return;
    element.current?.scrollIntoView({ block: "center" });
    element.current?.focus({ preventScroll: true });
  }, [at]);
  return (
    <section
      ref={element}
      class={isShown ? `outcome outcome-${decision.kind === "rollback" ? "back" : "done"}` : "outcome-none"}
      role="status"
      aria-label="Last change of the cutover"
      tabIndex={-1}
    >
      {isShown && (
        <>
          <Icon name={decision.kind === "rollback" ? "undo" : "check"} size={18} />
          <Words decision={decision} incident={incident} />
          {incident?.report != null && (
            <Button icon="document" onClick={() => onReport(incident.id)}>
              Read the report
            </Button>
          )}
          <IconButton icon="close" label="Hide" onClick={() => setClosed(at)} />
        </>
      )}
    </section>
  );
}

interface WordsProps {
  readonly decision: Step;
  readonly incident: Trouble | undefined;
}

function Words({ decision, incident }: WordsProps): JSX.Element {
  const { change, followed } = decision;
  return (
    <div class="outcome-words">
      <p>
        <b>{change.what}</b> · {time(change.time)} · by {change.by}
      </p>
      {change.reason !== null && <p class="outcome-reason">{reasonOf(change)}</p>}
      <p>
        {followed.map(({ what }) => `${what}. `).reverse()}
        {incident && questionsOf(incident)}
      </p>
    </div>
  );
}

/** The incident that a rollback opened. */
function incidentOf({ change, kind }: Step, troubles: readonly Trouble[] = []): Trouble | undefined {
  if (kind !== "rollback") return undefined;
  const at = Date.parse(change.time);
  return troubles.find(
    ({ sort, openedAt }) => sort === "rollback" && Math.abs(Date.parse(openedAt) - at) < incidentMs,
  );
}

/** How the golden questions were answered after a rollback. */
function questionsOf({ report, evidence }: Trouble): string {
  if (report === null) return "Golden questions are being asked.";
  const { validation } = (evidence ?? {}) as {
    validation?: { passed: number; asked: number; problem?: string };
  };
  if (validation === undefined) return "";
  const { passed, asked, problem } = validation;
  return problem === undefined
    ? `${passed} of ${asked} golden questions answered as expected.`
    : `Golden questions could not be asked: ${problem}`;
}
