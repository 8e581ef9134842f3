import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Icon } from "../icons/icon.tsx";
import { addToken, type Session } from "./api/session.ts";
import "../components/field.css";
import "./sign-in.css";

interface SignInProps {
  readonly host: Session["host"];
  readonly onOpen: () => void;
}

const words = {
  emulator: {
    title: "Open an index",
    label: "Token",
    help: (
      <>
        The emulator printed two tokens when it started: <code>UPSTASH_VECTOR_REST_TOKEN</code> may write,{" "}
        <code>UPSTASH_VECTOR_REST_READONLY_TOKEN</code> only reads. Yours stays in this tab.
      </>
    ),
    wrong: "No index of this emulator has this token.",
  },
  service: {
    title: "Look into the data",
    label: "API key",
    help: (
      <>
        A key with the scope read shows the records. Create one with <code>ragfood keys create</code>. It
        stays in this tab.
      </>
    ),
    wrong: "This key is unknown, or it does not allow reading.",
  },
};

/** Asks for a token. It stays in this tab and is gone when the tab closes. */
export function SignIn({ host, onOpen }: SignInProps): JSX.Element {
  const [token, setToken] = useState("");
  const [fault, setFault] = useState<string | undefined>();
  const field = useId();
  const { title, label, help, wrong } = words[host];
  const open = async () => {
    setFault(undefined);
    try {
      if (await addToken(token.trim())) onOpen();
      else setFault(wrong);
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== "") void open();
      }}
    >
      <span class="sign-in-icon">
        <Icon name="key" size={20} />
      </span>
      <h1 class="sign-in-title">{title}</h1>
      <label class="sign-in-label" for={field}>
        {label}
      </label>
      <div class="sign-in-line">
        <input
          id={field}
          class="field"
          type="password"
          autocomplete="off"
          value={token}
          aria-invalid={fault !== undefined}
          aria-describedby={`${field}-help ${field}-fault`}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <Button look="primary" type="submit">
          Open
        </Button>
      </div>
      <p class="sign-in-fault" id={`${field}-fault`} role="alert">
        {fault}
      </p>
      <p class="sign-in-help" id={`${field}-help`}>
        {help}
      </p>
    </form>
  );
}
