import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import type { OpenedIndex } from "../api/session.ts";

interface DeleteRecordProps {
  readonly index: OpenedIndex;
  readonly namespace: string;
  readonly id: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Asks before it deletes. */
export function DeleteRecord({ index, namespace, id, onClose, onDeleted }: DeleteRecordProps): JSX.Element {
  const [fault, setFault] = useState<string | undefined>();
  const [isDeleting, setIsDeleting] = useState(false);
  const remove = async () => {
    setIsDeleting(true);
    try {
      await index.api.call("delete", { ids: [id] }, { namespace });
      onDeleted();
    } catch (error) {
      setFault((error as Error).message);
      setIsDeleting(false);
    }
  };
  return (
    <Dialog
      title="Delete this record?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" isBusy={isDeleting} onClick={() => void remove()}>
            Delete record
          </Button>
        </>
      }
    >
      <p>
        <code>{id}</code> leaves {namespace === "" ? "the default namespace" : <code>{namespace}</code>} of{" "}
        {index.name === "/" ? "the index" : <code>{index.name}</code>} with its text, metadata and vectors.
        This cannot be undone.
      </p>
      <p class="edit-fault" role="alert">
        {fault}
      </p>
    </Dialog>
  );
}
