import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { State } from "../../components/state.tsx";
import type { IndexRecord } from "../api/records.ts";
import type { OpenedIndex } from "../api/session.ts";
import { CopyButton } from "../copy-button.tsx";
import { isObject } from "../records/field-catalog.ts";
import { DeleteRecord } from "./delete-record.tsx";
import { EditMetadata } from "./edit-metadata.tsx";
import { MetadataTree } from "./metadata-tree.tsx";
import { prettyJson } from "./pretty-json.ts";
import type { LoadedRecord } from "./use-record.ts";
import { DensePlot, SparsePlot } from "./vector-plot.tsx";
import "./record-details.css";

interface RecordDetailsProps {
  readonly index: OpenedIndex;
  readonly namespace: string;
  readonly loaded: LoadedRecord;
  readonly onFindSimilar: () => void;
  readonly onFilter: (condition: string) => void;
  /** Called after the record was written or deleted. */
  readonly onChange: () => void;
  readonly onClose: () => void;
  readonly onReload: () => void;
}

/** All of one record. */
export function RecordDetails(props: RecordDetailsProps): JSX.Element {
  const { loaded, onClose, onReload } = props;
  switch (loaded.state) {
    case "loading":
      return <Skeleton lines={8} label="Reading the record" />;
    case "missing":
      return (
        <State
          icon="unknown"
          title="This record does not exist"
          actions={<Button onClick={onClose}>Close</Button>}
        >
          It was deleted, or its id belongs to another namespace.
        </State>
      );
    case "failed":
      return (
        <State
          icon="bad"
          tone="bad"
          isAlert
          title="The record cannot be read"
          actions={<Button onClick={onReload}>Try again</Button>}
        >
          {loaded.reason}
        </State>
      );
    case "loaded":
      return <Loaded {...props} record={loaded.record} />;
  }
}

const readOnlyNotes = {
  emulator: "This token is read-only. Open the index with its full token to write.",
  service: "Records are read-only here. Foods are written with PUT /api/foods, which validates them.",
};

interface LoadedProps extends RecordDetailsProps {
  readonly record: IndexRecord;
}

function Loaded(props: LoadedProps): JSX.Element {
  const { index, namespace, record, onFindSimilar, onFilter, onChange, onClose, onReload } = props;
  const [dialog, setDialog] = useState<"edit" | "delete" | undefined>();
  const { id, data, metadata, vector, sparseVector } = record;
  const canWrite = index.access === "write";
  const hasVector = vector !== undefined || sparseVector !== undefined;
  return (
    <div class="record">
      <div class="record-actions">
        <Button look="primary" icon="search" disabled={!hasVector} onClick={onFindSimilar}>
          Find similar
        </Button>
        {canWrite && <Button onClick={() => setDialog("edit")}>Edit metadata</Button>}
        {canWrite && (
          <Button class="record-delete" onClick={() => setDialog("delete")}>
            Delete
          </Button>
        )}
      </div>
      {!canWrite && <p class="record-note">{readOnlyNotes[index.host]}</p>}
      {data !== undefined && (
        <Section title="Text" copy={data}>
          <p class="record-text">{data}</p>
        </Section>
      )}
      <Section title="Metadata" {...(metadata !== undefined && { copy: prettyJson(metadata) })}>
        {isObject(metadata) && Object.keys(metadata).length > 0 ? (
          <MetadataTree metadata={metadata} onFilter={onFilter} />
        ) : (
          <p class="record-none">No metadata.</p>
        )}
      </Section>
      {vector && (
        <Section title={sparseVector ? "Dense vector" : "Vector"} copy={JSON.stringify(vector)}>
          <DensePlot vector={vector} />
        </Section>
      )}
      {sparseVector && (
        <Section title="Sparse vector" copy={JSON.stringify(sparseVector)}>
          <SparsePlot vector={sparseVector} />
        </Section>
      )}
      {dialog === "edit" && (
        <EditMetadata
          index={index}
          namespace={namespace}
          record={record}
          onClose={() => setDialog(undefined)}
          onSaved={() => {
            setDialog(undefined);
            onReload();
            onChange();
          }}
        />
      )}
      {dialog === "delete" && (
        <DeleteRecord
          index={index}
          namespace={namespace}
          id={id}
          onClose={() => setDialog(undefined)}
          onDeleted={() => {
            onClose();
            onChange();
          }}
        />
      )}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly copy?: string;
  readonly children: JSX.Element;
}

function Section({ title, copy, children }: SectionProps): JSX.Element {
  return (
    <section class="record-section">
      <div class="record-section-head">
        <h3 class="record-section-title">{title}</h3>
        {copy !== undefined && <CopyButton text={copy} label={`Copy the ${title.toLowerCase()}`} />}
      </div>
      {children}
    </section>
  );
}
