import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { LabelledField } from "../components/labelled-field.tsx";
import { Icon } from "../icons/icon.tsx";
import { actOnIncident, type IncidentAction, type Trouble } from "./incidents.ts";
import { OperatorFault, OperatorFields } from "./operator-fields.tsx";
import { useOperator } from "./use-operator.ts";
import "./incident-actions.css";

interface IncidentActionsProps {
  readonly trouble: Trouble;
  /** The key that the page has; `null`: the service asks for none here; `undefined`: not known. */
  readonly callerKey: string | null | undefined;
  readonly onChanged: () => void;
}

/** Adds a note to an incident, keeps it open, or closes it. */
export function IncidentActions({ trouble, callerKey, onChanged }: IncidentActionsProps): JSX.Element {
  const { id, state, isKept } = trouble;
  const [text, setText] = useState("");
  const operator = useOperator();
  const act = async (action: IncidentAction) => {
    const fault = action === "note" && text.trim() === "" ? "Write a note first." : undefined;
    if (!(await operator.act(() => actOnIncident(id, action, { text, by: operator.name }), fault))) return;
    setText("");
    onChanged();
  };
  const button = (action: IncidentAction, label: string) => (
    <Button disabled={operator.isBusy} onClick={() => act(action)}>
      {label}
    </Button>
  );
  return (
    <details class="incident-actions">
      <summary>
        <Icon name="right" size={14} />
        Add a note, {state === "closed" ? "open it again" : isKept ? "close it" : "keep it open, close it"}
      </summary>
      <div class="incident-actions-body">
        <LabelledField
          lines={3}
          label="Note"
          hint="Becomes part of the report."
          maxLength={4_000}
          value={text}
          onChange={setText}
        />
        <OperatorFields operator={operator} callerKey={callerKey} />
        <OperatorFault operator={operator} />
        <div class="incident-actions-buttons">
          {state === "closed" && button("keep-open", "Open again")}
          {state === "open" && !isKept && button("keep-open", "Keep open")}
          {state === "open" && button("close", "Close the incident")}
          {button("note", "Add the note")}
        </div>
      </div>
    </details>
  );
}
