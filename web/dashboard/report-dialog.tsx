import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { IncidentActions } from "./incident-actions.tsx";
import type { Trouble } from "./incidents.ts";
import { Markdown } from "./markdown.tsx";

interface ReportDialogProps {
  readonly trouble: Trouble;
  readonly report: string;
  /** The key that the page has, as `IncidentActions` takes it. */
  readonly callerKey: string | null | undefined;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** The report of an incident, to read, to copy, to save and to add to. */
export function ReportDialog(props: ReportDialogProps): JSX.Element {
  const { trouble, report, callerKey, onChanged, onClose } = props;
  const [isCopied, setIsCopied] = useState(false);
  const name = `incident-${trouble.openedAt.slice(0, 16).replace(/[:T]/g, "-")}`;
  const copy = async () => {
    await navigator.clipboard.writeText(report);
    setIsCopied(true);
  };
  return (
    <Dialog
      place="drawer"
      title={trouble.title}
      onClose={onClose}
      actions={
        <>
          <Button icon="copy" onClick={copy}>
            <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
          </Button>
          <Button onClick={() => save(`${name}.md`, "text/markdown", report)}>Save as Markdown</Button>
          <Button onClick={() => save(`${name}.json`, "application/json", JSON.stringify(trouble, null, 2))}>
            Save as JSON
          </Button>
        </>
      }
    >
      <p class="report-state">
        <Badge tone={trouble.state === "open" ? "bad" : "good"}>
          {trouble.state === "closed" ? "Closed" : trouble.isKept ? "Open until someone closes it" : "Open"}
        </Badge>
      </p>
      <Markdown text={withoutTitle(report)} />
      <IncidentActions trouble={trouble} callerKey={callerKey} onChanged={onChanged} />
    </Dialog>
  );
}

/** The dialog has a title of its own. */
function withoutTitle(report: string): string {
  return report.replace(/^# .*\n+/, "");
}

/** Hands a file to the browser to save. */
function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
