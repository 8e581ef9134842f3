import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../../components/dialog.tsx";
import { Tabs } from "../../components/tabs.tsx";
import type { OpenedIndex } from "../api/session.ts";
import { CopyButton } from "../copy-button.tsx";
import { type CodeLanguage, codeLanguages, codeOf } from "./code.ts";
import type { IndexRequest } from "./request.ts";
import "./code-dialog.css";

interface CodeDialogProps {
  readonly request: IndexRequest;
  readonly url: string;
  readonly namespace: string;
  readonly host: OpenedIndex["host"];
  readonly onClose: () => void;
}

const packages: Readonly<Record<CodeLanguage, JSX.Element | undefined>> = {
  curl: undefined,
  JavaScript: (
    <>
      It needs <code>npm install @upstash/vector</code>.{" "}
    </>
  ),
  Python: (
    <>
      It needs <code>pip install upstash-vector</code>.{" "}
    </>
  ),
};

const tokens: Readonly<Record<OpenedIndex["host"], JSX.Element>> = {
  emulator: <>The emulator printed it when it started.</>,
  service: (
    <>
      The service speaks the protocol of Upstash Vector. Its token is a key:{" "}
      <code>ragfood keys create "my name" --scope read</code>. If this page asked for no key, any value works.
    </>
  ),
};

/** The request of the page as code to copy. */
export function CodeDialog({ request, url, namespace, host, onClose }: CodeDialogProps): JSX.Element {
  const [language, setLanguage] = useState<CodeLanguage>("curl");
  const code = codeOf(language, request, { url, namespace });
  return (
    <Dialog
      title="This request as code"
      onClose={onClose}
      actions={<CopyButton text={code} label="Copy" hasWord />}
    >
      <div class="code-languages">
        <Tabs
          label="Language"
          options={codeLanguages.map((name) => ({ value: name, label: name }))}
          value={language}
          panel="code-panel"
          onChange={setLanguage}
        />
      </div>
      <div id="code-panel" role="tabpanel" aria-label={language}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls can be reached by the keyboard. */}
        <pre class="code" tabIndex={0}>
          <code>{code}</code>
        </pre>
      </div>
      <p class="code-note">
        {packages[language]}The token is not part of the code: set <code>UPSTASH_VECTOR_REST_TOKEN</code>{" "}
        where it runs. {tokens[host]}
      </p>
    </Dialog>
  );
}
