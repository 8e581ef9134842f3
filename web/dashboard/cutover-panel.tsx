import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { count, percent, time } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import { Icon } from "../icons/icon.tsx";
import { ConfirmAction } from "./confirm-action.tsx";
import type { Cutover } from "./cutover.ts";
import { actionsOf, actionWords, type CutoverAction, stages } from "./stages.ts";
import "./cutover-panel.css";

interface CutoverPanelProps {
  readonly cutover: Cutover;
  /** Whether what is shown may be old: then nothing can be done. */
  readonly isLost: boolean;
  readonly onChanged: () => void;
}

/** Where the cutover stands, what the next stage needs, and what an operator can do. */
export function CutoverPanel({ cutover, isLost, onChanged }: CutoverPanelProps): JSX.Element {
  const [action, setAction] = useState<CutoverAction>();
  const { stage, isPaused, gates, lag, canaryShare, history, source, target, since } = cutover;
  const closed = gates.filter(({ isOpen }) => !isOpen);
  const facts = [
    ["From", source],
    ["To", target],
    ["In this stage since", since === null ? undefined : time(since)],
    [
      "Lag",
      lag === null
        ? undefined
        : lag.records === 0
          ? "none"
          : `${count(lag.records)} writes, ${lag.seconds} s`,
    ],
    ["Canary", canaryShare === null ? undefined : `${percent(canaryShare)} of reads`],
  ] as const;
  return (
    <Panel title="Cutover" aside={isPaused ? <Badge tone="warning">Paused</Badge> : undefined}>
      <Stepper stage={stage} />
      <div class="cutover-parts">
        <dl class="pairs">
          {facts.map(
            ([label, value]) =>
              value !== undefined && (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
        {gates.length > 0 && (
          <div>
            <h3 class="cutover-heading">
              {closed.length === 0 ? "The next stage is open" : `The next stage needs ${closed.length} more`}
            </h3>
            <ul class="gates">
              {gates.map(({ title, isOpen, detail }) => (
                <li key={title} class={`gate ${isOpen ? "gate-open" : ""}`}>
                  <Icon name={isOpen ? "check" : "clock"} size={14} label={isOpen ? "Open" : "Missing"} />
                  <span>
                    {title}
                    <span class="gate-detail">{detail}</span>
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {history.length > 0 && (
          <div>
            <h3 class="cutover-heading">History</h3>
            <ol class="cutover-history">
              {history.slice(0, 4).map((entry) => (
                <li key={`${entry.time}-${entry.event}`}>
                  <time>{time(entry.time)}</time>
                  <span>
                    {entry.event}
                    <span class="gate-detail">{[entry.by, entry.reason].filter(Boolean).join(": ")}</span>
                  </span>
                </li>
              ))}
            </ol>
          </div>
        )}
      </div>
      <div class="cutover-actions">
        {actionsOf(stage, isPaused).map((each, place) => (
          <Button
            key={each}
            look={actionWords[each].isDangerous ? "danger" : place === 0 ? "primary" : "plain"}
            disabled={isLost || (each === "advance" && closed.length > 0)}
            onClick={() => setAction(each)}
          >
            {actionWords[each].label}
          </Button>
        ))}
        {isLost && <span class="cutover-note">No action while the connection is lost.</span>}
        {!isLost && closed.length > 0 && (
          <span class="cutover-note">Advance opens when every gate is open.</span>
        )}
      </div>
      {action && (
        <ConfirmAction
          action={action}
          stage={stage}
          onClose={() => setAction(undefined)}
          onDone={() => {
            setAction(undefined);
            onChanged();
          }}
        />
      )}
    </Panel>
  );
}

function Stepper({ stage }: { readonly stage: Cutover["stage"] }): JSX.Element {
  const present = stages.findIndex(({ id }) => id === stage);
  return (
    <ol class="stepper">
      {stages.map(({ id, title }, place) => (
        <li
          key={id}
          class={`step ${place < present ? "step-past" : place === present ? "step-present" : ""}`}
          {...(place === present && { "aria-current": "step" as const })}
        >
          <span class="step-mark">
            {place < present ? <Icon name="check" size={12} label="Done" /> : place + 1}
          </span>
          <span class="step-title">{title}</span>
        </li>
      ))}
      <li class="step-meaning">{stages[present]?.meaning}</li>
    </ol>
  );
}
