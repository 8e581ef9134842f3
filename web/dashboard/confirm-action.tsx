import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Check } from "../components/check.tsx";
import { Dialog } from "../components/dialog.tsx";
import { LabelledField } from "../components/labelled-field.tsx";
import { actOnCutover, type CutoverDetails, type CutoverState } from "./cutover.ts";
import { GateList } from "./gate-list.tsx";
import { OperatorFault, OperatorFields } from "./operator-fields.tsx";
import { actionWords, type CutoverAction, setsShare } from "./stages.ts";
import { storeWords } from "./store-words.ts";
import { useOperator } from "./use-operator.ts";
import "./confirm-action.css";

interface ConfirmActionProps {
  readonly action: CutoverAction;
  readonly state: CutoverState;
  readonly details: CutoverDetails;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Per cent of the questions that the new store answers at first, as on the command line. */
const firstShare = 5;

/** Says what will happen before it happens, and asks who acts and why. */
export function ConfirmAction({ action, state, details, onClose, onDone }: ConfirmActionProps): JSX.Element {
  const { stage, leader, canaryShare } = state;
  const { label, consequences, ...words } = actionWords[action];
  const isForced = "isForced" in words;
  const isFinal = words.route === "finish";
  const isRollback = words.route === "rollback";
  const operator = useOperator();
  // Of the moment in which the dialog opened: its words are about that stage.
  const [seenEpoch] = useState(details.epoch);
  const [isSure, setIsSure] = useState(false);
  const [keepsIncidentOpen, setKeepsIncidentOpen] = useState(false);
  const [share, setShare] = useState(String(canaryShare === undefined ? firstShare : canaryShare * 100));
  const [reason, setReason] = useState("");
  const hasShare = setsShare(action, stage);
  const act = async () => {
    const fault = faultOf({
      share: hasShare ? share : undefined,
      reason: isForced ? reason : undefined,
      isSure: !isFinal || isSure,
    });
    const input = {
      reason,
      by: operator.name,
      epoch: seenEpoch,
      ...(hasShare && { canaryPercent: Number(share) }),
      ...(keepsIncidentOpen && { keepsIncidentOpen }),
    };
    if (await operator.act(() => actOnCutover(action, input), fault)) onDone();
  };
  return (
    <Dialog
      title={"title" in words ? words.title(stage) : `${label(stage)}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{action === "cancel" ? "Close" : "Cancel"}</Button>
          <Button look={"isDangerous" in words ? "danger" : "primary"} isBusy={operator.isBusy} onClick={act}>
            {operator.isBusy ? "Working" : label(stage)}
          </Button>
        </>
      }
    >
      <ul class="consequences">
        {consequences({ stage, leader, stores: storeWords(details) }).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      {isForced && <Bypassed details={details} />}
      {hasShare && (
        <LabelledField
          type="number"
          min={0}
          max={100}
          label="Share of the questions that the new store answers"
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
      {isRollback && (
        <Check isChecked={keepsIncidentOpen} onChange={setKeepsIncidentOpen}>
          Keep the incident open until someone closes it
        </Check>
      )}
      <OperatorFields operator={operator} callerKey={details.caller.key} />
      {isFinal && (
        <Check isChecked={isSure} onChange={setIsSure}>
          I know that there is no way back after this
        </Check>
      )}
      <OperatorFault operator={operator} />
    </Dialog>
  );
}

/** What a forced step does not wait for. */
function Bypassed({ details }: { readonly details: CutoverDetails }): JSX.Element {
  const { gates, leader } = details;
  const closed = gates.filter(({ isOpen }) => !isOpen);
  return (
    <section class="bypassed" aria-label="What is skipped">
      <h3 class="bypassed-title">
        {closed.length === 1 ? "1 condition is skipped" : `${closed.length} conditions are skipped`}
      </h3>
      <GateList gates={closed} leader={leader} />
    </section>
  );
}

interface Typed {
  /** Per cent; `undefined` if the action has none. */
  readonly share: string | undefined;
  /** `undefined` if the action needs none. */
  readonly reason: string | undefined;
  readonly isSure: boolean;
}

/** What has to be corrected before anything is sent. */
function faultOf({ share, reason, isSure }: Typed): string | undefined {
  if (share !== undefined && !/^(100|\d{1,2})$/.test(share.trim()))
    return "The share is a whole number, 0 to 100.";
  if (reason?.trim() === "") return "Give a reason: it stays in the history.";
  if (!isSure) return "Confirm that there is no way back after this.";
  return undefined;
}
