import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { count, percent, time } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import { Icon } from "../icons/icon.tsx";
import { sentence } from "../service/problem-error.ts";
import { ConfirmAction } from "./confirm-action.tsx";
import type { CutoverDetails, CutoverState } from "./cutover.ts";
import { actionsOf, actionWords, type CutoverAction, stages } from "./stages.ts";
import "./cutover-panel.css";

interface CutoverPanelProps {
  readonly state: CutoverState;
  /** `undefined` from a service that is operated by commands only. */
  readonly details: CutoverDetails | undefined;
  /** Whether what is shown may be old: then nothing can be done. */
  readonly isLost: boolean;
  readonly onChanged: () => void;
}

/** Where the cutover stands, what the next stage needs, and what an operator can do. */
export function CutoverPanel({ state, details, isLost, onChanged }: CutoverPanelProps): JSX.Element {
  const [action, setAction] = useState<CutoverAction>();
  const { stage, leader, isChanging, lag, canaryShare, queued, processes } = state;
  const { gates = [], rules = [], history = [], isPaused = false } = details ?? {};
  const isClosed = gates.some(({ isOpen }) => !isOpen);
  const facts = [
    ["Leads", isChanging ? `${leader}, changing` : leader],
    ["Lag", lag.records === 0 ? "none" : `${count(lag.records)} records, ${Math.round(lag.seconds)} s`],
    ["Queued writes", count(queued)],
    ["Canary", canaryShare === undefined ? undefined : `${percent(canaryShare)} of reads`],
    ["Processes", count(processes)],
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
        {gates.length > 0 && <Gates gates={gates} />}
        {rules.length > 0 && <Rules rules={rules} />}
        {history.length > 0 && <Changes history={history} />}
      </div>
      {details === undefined ? (
        <p class="cutover-note">Operate it on the command line: ragfood cutover status, advance, rollback.</p>
      ) : (
        <div class="cutover-actions">
          {actionsOf(stage, isPaused).map((each, place) => (
            <Button
              key={each}
              look={actionWords[each].isDangerous ? "danger" : place === 0 ? "primary" : "plain"}
              disabled={isLost || (each === "advance" && isClosed)}
              onClick={() => setAction(each)}
            >
              {actionWords[each].label}
            </Button>
          ))}
          {isLost && <span class="cutover-note">No action while the connection is lost.</span>}
          {!isLost && isClosed && <span class="cutover-note">Advance opens when every gate is open.</span>}
        </div>
      )}
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

function Gates({ gates }: { readonly gates: CutoverDetails["gates"] }): JSX.Element {
  const closed = gates.filter(({ isOpen }) => !isOpen).length;
  return (
    <div>
      <h3 class="cutover-heading">
        {closed === 0 ? "The next stage is open" : `The next stage needs ${closed} more`}
      </h3>
      <ul class="gates">
        {gates.map(({ title, isOpen, detail }) => (
          <li key={title} class={`gate ${isOpen ? "gate-open" : ""}`}>
            <Icon name={isOpen ? "check" : "clock"} size={14} label={isOpen ? "Open" : "Missing"} />
            <span>
              {sentence(title)}
              <span class="gate-detail">{detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const ruleIcons = { holds: "check", broken: "bad", inconclusive: "unknown" } as const;
const ruleWords = { holds: "Holds", broken: "Broken", inconclusive: "Inconclusive" } as const;

function Rules({ rules }: { readonly rules: CutoverDetails["rules"] }): JSX.Element {
  return (
    <div>
      <h3 class="cutover-heading">Rolls back if one of these is broken</h3>
      <ul class="gates">
        {rules.map(({ name, state, sentence: text }) => (
          <li key={name} class={`gate rule-${state}`}>
            <Icon name={ruleIcons[state]} size={14} label={ruleWords[state]} />
            <span>{sentence(text)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Changes that the panel lists; `ragfood cutover history` lists all. */
const listedChanges = 4;

function Changes({ history }: { readonly history: CutoverDetails["history"] }): JSX.Element {
  return (
    <div>
      <h3 class="cutover-heading">History</h3>
      <ol class="cutover-history">
        {history.slice(0, listedChanges).map(({ time: at, event, by, reason }) => (
          <li key={`${at}-${event}`}>
            <time>{time(at)}</time>
            <span>
              {sentence(event)}
              <span class="gate-detail">{[by, reason].filter(Boolean).join(": ")}</span>
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Stepper({ stage }: { readonly stage: CutoverState["stage"] }): JSX.Element {
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
