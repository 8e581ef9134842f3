import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { KeyField } from "../components/key-field.tsx";
import { State } from "../components/state.tsx";
import { readKey, setKey } from "../service/access-keys.ts";
import type { Problem } from "../service/contract.ts";
import { adviceOn, needsKey, problemOf, sentence } from "../service/problem-error.ts";
import { actOnCutover } from "./cutover.ts";
import { actionWords, type CutoverAction, type StageId } from "./stages.ts";
import "./confirm-action.css";

interface ConfirmActionProps {
  readonly action: CutoverAction;
  readonly stage: StageId;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Says what will happen before it happens. Asks for an operate key once, and keeps it for this browser session. */
export function ConfirmAction({ action, stage, onClose, onDone }: ConfirmActionProps): JSX.Element {
  const { label, isDangerous, consequences } = actionWords[action];
  const [key, setTypedKey] = useState(readKey("operate") ?? "");
  const [isKeyMissing, setIsKeyMissing] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = async () => {
    setIsBusy(true);
    setKey("operate", key.trim());
    try {
      await actOnCutover(action);
      onDone();
    } catch (error) {
      const failure = problemOf(error);
      setProblem(failure);
      setIsKeyMissing(needsKey(failure));
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      title={`${label}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={isDangerous ? "danger" : "primary"} isBusy={isBusy} onClick={act}>
            {isBusy ? "Working" : label}
          </Button>
        </>
      }
    >
      <ul class="consequences">
        {consequences(stage).map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      {(isKeyMissing || key !== "") && (
        <KeyField
          label="Operate key"
          hint="Create one with ragfood keys create --scope operate. It is kept until you close this tab."
          value={key}
          onChange={setTypedKey}
        />
      )}
      {problem && (
        <State icon="bad" tone="bad" title={sentence(problem.detail)} isAlert>
          {adviceOn(problem)}
        </State>
      )}
    </Dialog>
  );
}
