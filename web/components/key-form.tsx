import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type KeyRole, setKey } from "../service/access-keys.ts";
import { Button } from "./button.tsx";
import { KeyField } from "./key-field.tsx";

interface KeyFormProps {
  readonly scope: KeyRole;
  /** Called when the key is set: the request can be made again. */
  readonly onSet: () => void;
}

/** Asks for the key that a request lacked. */
export function KeyForm({ scope, onSet }: KeyFormProps): JSX.Element {
  const [key, setTypedKey] = useState("");
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        setKey(scope, key.trim());
        onSet();
      }}
    >
      <KeyField
        label="Key"
        hint={`Create one with ragfood keys create --scope ${scope}. It is kept until you close this tab.`}
        value={key}
        onChange={setTypedKey}
      />
      <Button type="submit" icon="key" disabled={key.trim() === ""}>
        Use this key
      </Button>
    </form>
  );
}
