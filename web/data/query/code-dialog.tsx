import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { CopyButton } from "../copy-button.tsx";
import { type CodeLanguage, codeLanguages, codeOf } from "./code.ts";
import type { IndexRequest } from "./request.ts";
import "./code-dialog.css";

interface CodeDialogProps {
  readonly request: IndexRequest;
  readonly url: string;
  readonly namespace: string;
  readonly onClose: () => void;
}

/** The request of the page as code to copy. */
export function CodeDialog({ request, url, namespace, onClose }: CodeDialogProps): JSX.Element {
  const [language, setLanguage] = useState<CodeLanguage>("curl");
  const code = codeOf(language, request, { url, namespace });
  return (
    <Dialog
      title="This request as code"
      onClose={onClose}
      actions={<CopyButton text={code} label="Copy" hasWord />}
    >
      <fieldset class="code-languages">
        <legend class="only-for-readers">Language</legend>
        {codeLanguages.map((name) => (
          <Button key={name} look="quiet" aria-pressed={name === language} onClick={() => setLanguage(name)}>
            {name}
          </Button>
        ))}
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls can be reached by the keyboard. */}
      <pre class="code" tabIndex={0}>
        <code>{code}</code>
      </pre>
      <p class="code-note">
        The token is not part of the code. Set <code>UPSTASH_VECTOR_REST_TOKEN</code> where it runs.
      </p>
    </Dialog>
  );
}
