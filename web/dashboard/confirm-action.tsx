import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Check } from "../components/check.tsx";
import { Dialog } from "../components/dialog.tsx";
import { KeyField } from "../components/key-field.tsx";
import { LabelledField } from "../components/labelled-field.tsx";
import { State } from "../components/state.tsx";
import { readKey, setKey } from "../service/access-keys.ts";
import type { Problem } from "../service/contract.ts";
import { adviceOn, needsKey, problemOf, sentence } from "../service/problem-error.ts";
import { actOnCutover, type CutoverDetails, type CutoverState } from "./cutover.ts";
import { GateList } from "./gate-list.tsx";
import { actionWords, type CutoverAction, setsShare } from "./stages.ts";
import "./confirm-action.css";

interface ConfirmActionProps {
  readonly action: CutoverAction;
  readonly state: CutoverState;
  readonly details: CutoverDetails;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Per cent of the reads that the target answers at first, as on the command line. */
const firstShare = 5;

/** Where the browser keeps the name of its user. */
const nameKey = "ragfood.name";

/**
 * Says what will happen before it happens, and asks who acts: by a key, which is kept for this browser session, or by a
 * name on the machine of the service, where no key is needed.
 */
export function ConfirmAction({ action, state, details, onClose, onDone }: ConfirmActionProps): JSX.Element {
  const { stage, leader, canaryShare } = state;
  const { label, consequences, ...words } = actionWords[action];
  const isDangerous = "isDangerous" in words;
  const isForced = "isForced" in words;
  const isFinal = words.route === "finish";
  const formerKey = readKey("operate") ?? "";
  const [key, setTypedKey] = useState(formerKey);
  const [name, setName] = useState(() => localStorage.getItem(nameKey) ?? "");
  const [isSure, setIsSure] = useState(false);
  const [share, setShare] = useState(String(canaryShare === undefined ? firstShare : canaryShare * 100));
  const [reason, setReason] = useState("");
  const [hasKeyField, setHasKeyField] = useState(formerKey !== "");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [fault, setFault] = useState("");
  const hasShare = setsShare(action, stage);
  const act = async () => {
    const wrong = faultOf({
      share: hasShare ? share : undefined,
      reason: isForced ? reason : undefined,
      who: key.trim() || name.trim(),
      isSure: !isFinal || isSure,
    });
    setFault(wrong ?? "");
    setProblem(undefined);
    if (wrong !== undefined) return;
    setIsBusy(true);
    setKey("operate", key.trim());
    localStorage.setItem(nameKey, name.trim());
    try {
      await actOnCutover(action, { reason, by: name, ...(hasShare && { canaryPercent: Number(share) }) });
      onDone();
    } catch (error) {
      const failure = problemOf(error);
      setProblem(failure);
      if (needsKey(failure)) {
        // A wrong key would lock out the rest of the page.
        setKey("operate", formerKey);
        setHasKeyField(true);
      }
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      title={`${label}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{action === "cancel" ? "Close" : "Cancel"}</Button>
          <Button look={isDangerous ? "danger" : "primary"} isBusy={isBusy} onClick={act}>
            {isBusy ? "Working" : label}
          </Button>
        </>
      }
    >
      <ul class="consequences">
        {consequences(stage, leader).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      {isForced && <Bypassed details={details} />}
      {hasShare && (
        <LabelledField
          type="number"
          min={0}
          max={100}
          label="Share of the questions that the target answers"
          value={share}
          onChange={setShare}
        >
          %
        </LabelledField>
      )}
      <LabelledField
        lines={3}
        label={isForced ? "Reason" : "Reason (optional)"}
        hint="Stays in the history of the cutover."
        required={isForced}
        maxLength={1_000}
        value={reason}
        onChange={setReason}
      />
      <LabelledField
        label="Your name"
        hint={
          details.caller.key === null
            ? "You are on the machine of the service: no key is needed. The history and the report show your name."
            : `The history and the report show it beside your key “${details.caller.key}”. It may stay empty.`
        }
        maxLength={100}
        value={name}
        onChange={setName}
      />
      {hasKeyField ? (
        <KeyField
          label="Operate key"
          hint="Create one with ragfood keys create --scope operate. It is kept until you close this tab."
          value={key}
          onChange={setTypedKey}
        />
      ) : (
        <Button look="quiet" icon="key" onClick={() => setHasKeyField(true)}>
          Use a key
        </Button>
      )}
      {isFinal && (
        <Check isChecked={isSure} onChange={setIsSure}>
          I know that there is no way back after this
        </Check>
      )}
      {fault !== "" && <State icon="warning" tone="warning" title={fault} isAlert />}
      {problem && (
        <State icon="bad" tone="bad" title={sentence(problem.detail)} isAlert>
          {adviceOn(problem)}
        </State>
      )}
    </Dialog>
  );
}

/** What a forced step does not wait for. */
function Bypassed({ details: { gates, isPaused } }: { readonly details: CutoverDetails }): JSX.Element {
  const closed = gates.filter(({ isOpen }) => !isOpen);
  return (
    <section class="bypassed" aria-label="What is skipped">
      <h3 class="bypassed-title">
        {closed.length === 1 ? "1 closed gate is skipped" : `${closed.length} closed gates are skipped`}
        {isPaused && ", and so is the pause"}
      </h3>
      <GateList gates={closed} />
    </section>
  );
}

interface Typed {
  /** Per cent; `undefined` if the action has none. */
  readonly share: string | undefined;
  /** `undefined` if the action needs none. */
  readonly reason: string | undefined;
  /** The key or the name of the person. */
  readonly who: string;
  readonly isSure: boolean;
}

/** What has to be corrected before anything is sent. */
function faultOf({ share, reason, who, isSure }: Typed): string | undefined {
  if (share !== undefined && !/^(100|\d{1,2})$/.test(share.trim()))
    return "The share is a whole number, 0 to 100.";
  if (reason?.trim() === "") return "Give a reason: it stays in the history.";
  if (who === "") return "Give your name, or use a key: the history shows who acted.";
  if (!isSure) return "Confirm that there is no way back after this.";
  return undefined;
}
