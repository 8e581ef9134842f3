import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { count, time, unbroken } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import { Icon } from "../icons/icon.tsx";
import { sentence } from "../service/problem-error.ts";
import { pageAction, usePageActions } from "../shell/page-actions.ts";
import { ConfirmAction } from "./confirm-action.tsx";
import { type CutoverDetails, type CutoverState, reasonOf, stepsOf } from "./cutover.ts";
import { GateList } from "./gate-list.tsx";
import { actionsOf, actionWords, type CutoverAction, nextStage, stages, waitsForGates } from "./stages.ts";
import { inStoreWords, storeWords } from "./store-words.ts";
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
  const { stage, leader, isChanging, lag, queued, processes } = state;
  const { gates = [], rules = [], history = [], isPaused = false, since } = details ?? {};
  const isOpen = gates.every((gate) => gate.isOpen);
  const offered = details === undefined ? [] : actionsOf({ stage, isPaused, isChanging, isOpen });
  const isPossible = (each: CutoverAction) => !waitsForGates(each) || (isOpen && !isPaused);
  usePageActions(() =>
    (isLost ? [] : offered.filter(isPossible)).map((each) =>
      pageAction(`Cutover: ${actionWords[each].label(stage)}`, "route", () => setAction(each)),
    ),
  );
  const canRollBack = stage !== "source" && stage !== "target-only";
  const isOldLeading = leader === "source";
  const facts = [
    ["Old store", details?.source],
    ["New store", details?.target],
    ["Answers", details?.answers.replace(/^Answers come from /, "from ")],
    ["Writes go first to", isOldLeading ? "the old store" : "the new store"],
    ["In this stage since", since == null ? undefined : time(since)],
    [`${isOldLeading ? "New" : "Old"} store is behind by`, lagWords(lag)],
    ["Writes that wait", count(queued)],
    ["Service processes", count(processes)],
  ] as const;
  return (
    <Panel title="Cutover" aside={<Marks isPaused={isPaused} isChanging={isChanging} />}>
      <Stepper stage={stage} details={details} />
      {details === undefined ? (
        <p class="cutover-note">Operate it on the command line: ragfood cutover status, advance, rollback.</p>
      ) : (
        offered.length > 0 && (
          <div class="cutover-actions">
            {offered.map((each) => (
              <Button
                key={each}
                look={lookOf(each)}
                {...(each === "rollback" && { icon: "undo" as const, class: "cutover-back" })}
                disabled={isLost || !isPossible(each)}
                onClick={() => setAction(each)}
              >
                {actionWords[each].label(stage)}
              </Button>
            ))}
            <span class="cutover-note">{noteOn({ isLost, isChanging, isPaused, isOpen })}</span>
          </div>
        )
      )}
      <div class="cutover-parts">
        {gates.length > 0 && <Gates stage={stage} leader={leader} gates={gates} rules={rules} />}
        {canRollBack && rules.length > 0 && <Rules rules={rules} leader={leader} />}
        <div class="cutover-state">
          <div>
            <h3 class="cutover-heading">State</h3>
            <dl class="pairs cutover-facts">
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
          </div>
          {history.length > 0 && <Changes history={history} />}
        </div>
      </div>
      {action && details && (
        <ConfirmAction
          action={action}
          state={state}
          details={details}
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

/** Green goes on, and red cannot be undone; the way back loses nothing. */
function lookOf(action: CutoverAction): "primary" | "plain" | "danger" {
  if (actionWords[action].route === "finish") return "danger";
  return action === "start" || action === "advance" ? "primary" : "plain";
}

function lagWords(lag: CutoverState["lag"]): string | undefined {
  if (lag === undefined) return undefined;
  return lag.records === 0 ? "nothing" : `${count(lag.records)} records, ${Math.round(lag.seconds)} s`;
}

interface Situation {
  readonly isLost: boolean;
  readonly isChanging: boolean;
  readonly isPaused: boolean;
  readonly isOpen: boolean;
}

/** Why an action that one expects is not offered. */
function noteOn({ isLost, isChanging, isPaused, isOpen }: Situation): string {
  if (isLost) return "No action while the connection is lost.";
  if (isChanging) return "Writes wait until the other store has every record.";
  if (isPaused) return "Resume before the next stage.";
  return isOpen ? "" : "The next stage is possible when its conditions are met.";
}

function Marks({ isPaused, isChanging }: Pick<Situation, "isPaused" | "isChanging">): JSX.Element {
  return (
    <>
      {isChanging && <Badge tone="warning">The stores are being switched</Badge>}
      {isPaused && <Badge tone="warning">Paused</Badge>}
    </>
  );
}

type GatesProps = Pick<CutoverDetails, "gates" | "rules" | "leader" | "stage">;

function Gates({ gates, rules, leader, stage }: GatesProps): JSX.Element {
  const closed = gates.filter(({ isOpen }) => !isOpen).length;
  const next = nextStage(stage);
  return (
    <div>
      <h3 class="cutover-heading">
        Conditions of “{next?.title}”: {closed === 0 ? "all met" : `${closed} of ${gates.length} missing`}
      </h3>
      <GateList
        leader={leader}
        gates={gates.map((gate) => ({ ...gate, detail: withoutRules(gate.detail, rules) }))}
      />
    </div>
  );
}

/** A gate repeats the sentences of the rules, which stand beside it. */
function withoutRules(detail: string, rules: CutoverDetails["rules"]): string {
  const named = rules.filter(({ sentence: text, state }) => state !== "holds" && detail.includes(text));
  if (named.length === 0) return detail;
  const rest = named.reduce((text, rule) => text.replace(rule.sentence, ""), detail);
  return `${named.length} of ${rules.length} do not. ${rest.replace(/^[\s;.]+/, "")}`;
}

const ruleIcons = { holds: "check", broken: "bad", inconclusive: "unknown" } as const;
const ruleWords = { holds: "Holds", broken: "Broken", inconclusive: "Inconclusive" } as const;

function Rules({ rules, leader }: Pick<CutoverDetails, "rules" | "leader">): JSX.Element {
  return (
    <div>
      <h3 class="cutover-heading">Rolls back if one of these is broken</h3>
      <ul class="gates">
        {rules.map(({ name, state, sentence: text }) => (
          <li key={name} class={`gate rule-${state}`}>
            <Icon name={ruleIcons[state]} size={14} label={ruleWords[state]} />
            <span>{unbroken(sentence(inStoreWords(text, leader)))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Entries of the history that the panel lists; `ragfood cutover history` lists every change. */
const listedSteps = 4;

function Changes({ history }: { readonly history: CutoverDetails["history"] }): JSX.Element {
  const [isWhole, setIsWhole] = useState(false);
  const steps = stepsOf(history);
  return (
    <div>
      <h3 class="cutover-heading">History</h3>
      <ol class="cutover-history">
        {steps.slice(0, isWhole ? undefined : listedSteps).map(({ change, followed }) => (
          <li key={`${change.time}-${change.event}`}>
            <time>{time(change.time)}</time>
            <span>
              {change.what}
              <span class="gate-detail">{[change.by, reasonOf(change)].filter(Boolean).join(": ")}</span>
              {followed.toReversed().map(({ time: at, what }) => (
                <span key={at} class="gate-detail">
                  {time(at)} {what}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
      {steps.length > listedSteps && (
        <Button
          look="quiet"
          class="cutover-more"
          aria-expanded={isWhole}
          onClick={() => setIsWhole(!isWhole)}
        >
          {isWhole ? "Show less" : `Show all ${steps.length}`}
        </Button>
      )}
    </div>
  );
}

interface StepperProps {
  readonly stage: CutoverState["stage"];
  readonly details: CutoverDetails | undefined;
}

function Stepper({ stage, details }: StepperProps): JSX.Element {
  const present = stages.findIndex(({ id }) => id === stage);
  return (
    <>
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
            <code class="step-term">{id}</code>
          </li>
        ))}
      </ol>
      <p class="step-meaning">{stages[present]?.meaning(storeWords(details))}</p>
    </>
  );
}
