import type { JSX } from "preact";
import { Button } from "../components/button.tsx";
import { KeyField } from "../components/key-field.tsx";
import { LabelledField } from "../components/labelled-field.tsx";
import { State } from "../components/state.tsx";
import { adviceOn, sentence } from "../service/problem-error.ts";
import type { Operator } from "./use-operator.ts";

/** Asks who acts: a name, and a key if one is needed. */
export function OperatorFields({
  operator,
  callerKey,
}: {
  readonly operator: Operator;
  /** The key that the page has; `null`: the service asks for none here; `undefined`: not known. */
  readonly callerKey: string | null | undefined;
}): JSX.Element {
  const { name, setName, key, setTypedKey, hasKeyField, showKeyField } = operator;
  return (
    <>
      <LabelledField
        label="Your name"
        hint={nameHint(callerKey)}
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
        <Button look="quiet" icon="key" class="use-key" onClick={showKeyField}>
          Use a key
        </Button>
      )}
    </>
  );
}

/** Why nothing was done. */
export function OperatorFault({
  operator: { fault, problem },
}: {
  readonly operator: Operator;
}): JSX.Element {
  return (
    <>
      {fault !== "" && <State icon="warning" tone="warning" title={fault} isAlert />}
      {problem && (
        <State icon="bad" tone="bad" title={sentence(problem.detail)} isAlert>
          {adviceOn(problem)}
        </State>
      )}
    </>
  );
}

function nameHint(callerKey: string | null | undefined): string {
  if (callerKey === undefined) return "The report shows it.";
  return callerKey === null
    ? "You are on the machine of the service: no key is needed. The history and the report show your name."
    : `The history and the report show it beside your key “${callerKey}”. It may stay empty.`;
}
