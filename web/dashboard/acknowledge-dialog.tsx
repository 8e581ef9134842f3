import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Check } from "../components/check.tsx";
import { Dialog } from "../components/dialog.tsx";
import { LabelledField } from "../components/labelled-field.tsx";
import { acknowledge, type Trouble } from "./incidents.ts";
import { OperatorFault, OperatorFields } from "./operator-fields.tsx";
import { useOperator } from "./use-operator.ts";

interface AcknowledgeDialogProps {
  readonly trouble: Trouble;
  /** Other alerts that fire and that nobody has acknowledged. */
  readonly others: readonly Trouble[];
  /** The key that the page has, as `OperatorFields` takes it. */
  readonly callerKey: string | null | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Says that a person knows of an alert, and asks who it is. */
export function AcknowledgeDialog(props: AcknowledgeDialogProps): JSX.Element {
  const { trouble, others, callerKey, onClose, onDone } = props;
  const [text, setText] = useState("");
  const [includesOthers, setIncludesOthers] = useState(others.length > 0);
  const operator = useOperator();
  const act = async () => {
    const ids = [trouble, ...(includesOthers ? others : [])].flatMap(({ alert }) => alert?.id ?? []);
    const note = { text, by: operator.name };
    const send = async () => {
      for (const id of ids) await acknowledge(id, note);
    };
    if (await operator.act(send, undefined)) onDone();
  };
  return (
    <Dialog
      title="Acknowledge the alert?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" isBusy={operator.isBusy} onClick={act}>
            {operator.isBusy ? "Working" : "Acknowledge"}
          </Button>
        </>
      }
    >
      <p>{trouble.title}</p>
      <p>It stays open until its cause is over. The line of state says that you know of it.</p>
      <LabelledField
        lines={3}
        label="What you do about it (optional)"
        hint="Stays with the alert and becomes part of its report."
        maxLength={4_000}
        value={text}
        onChange={setText}
      />
      {others.length > 0 && (
        <Check isChecked={includesOthers} onChange={setIncludesOthers}>
          {others.length === 1 ? "The other alert that fires, too" : `The ${others.length} other alerts, too`}
        </Check>
      )}
      <OperatorFields operator={operator} callerKey={callerKey} />
      <OperatorFault operator={operator} />
    </Dialog>
  );
}
