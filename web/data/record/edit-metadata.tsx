import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { JsonError, parseJson, stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { fetchRecord, type IndexRecord } from "../api/records.ts";
import type { OpenedIndex } from "../api/session.ts";
import { isObject } from "../records/field-catalog.ts";
import { prettyJson } from "./pretty-json.ts";
import "./edit-metadata.css";

interface EditMetadataProps {
  readonly index: OpenedIndex;
  readonly namespace: string;
  readonly record: IndexRecord;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Edits metadata as JSON. Numbers keep their digits; a change that someone else made meanwhile is not overwritten. */
export function EditMetadata({ index, namespace, record, onClose, onSaved }: EditMetadataProps): JSX.Element {
  const [text, setText] = useState(prettyJson(record.metadata ?? {}));
  const [fault, setFault] = useState<string | undefined>();
  const [isSaving, setIsSaving] = useState(false);
  const field = useId();
  const save = async () => {
    setIsSaving(true);
    setFault(undefined);
    try {
      await saveMetadata(index, namespace, record, readMetadata(text));
      onSaved();
    } catch (error) {
      setFault((error as Error).message);
      setIsSaving(false);
    }
  };
  return (
    <Dialog
      title={`Metadata of ${record.id}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" isBusy={isSaving} onClick={() => void save()}>
            {isSaving ? "Saving…" : "Save"}
          </Button>
        </>
      }
    >
      <label class="edit-label" for={field}>
        JSON object. Vector and text stay as they are.
      </label>
      <textarea
        id={field}
        class="edit-field"
        spellcheck={false}
        value={text}
        aria-invalid={fault !== undefined}
        aria-describedby={`${field}-fault`}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p id={`${field}-fault`} class="edit-fault" role="alert">
        {fault}
      </p>
    </Dialog>
  );
}

/** @throws {Error} that says what is wrong, with line and column */
function readMetadata(text: string): Record<string, unknown> {
  try {
    const value = parseJson(text, { literals: "everywhere" });
    if (isObject(value)) return value;
  } catch (error) {
    throw error instanceof JsonError ? new Error(`Not valid JSON: ${error.message}`) : error;
  }
  throw new Error("Metadata is an object, in curly brackets.");
}

async function saveMetadata(
  { api }: OpenedIndex,
  namespace: string,
  before: IndexRecord,
  metadata: Record<string, unknown>,
): Promise<void> {
  const now = await fetchRecord(api, namespace, before.id);
  if (now === undefined) throw new Error("The record was deleted meanwhile.");
  if (stringifyJson(now.metadata ?? {}) !== stringifyJson(before.metadata ?? {})) {
    throw new Error("The metadata was changed meanwhile. Close this window to see the change.");
  }
  const body = { id: before.id, metadata, metadataUpdateMode: "OVERWRITE" };
  const { updated } = await api.call<{ updated: number }>("update", body, { namespace });
  if (updated !== 1) throw new Error("The record was deleted meanwhile.");
}
