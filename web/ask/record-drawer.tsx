import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { State } from "../components/state.tsx";
import type { Problem, Source } from "../service/contract.ts";
import { problemOf } from "../service/problem-error.ts";
import { requestJson } from "../service/request.ts";
import { AllergenTags } from "./allergen-tags.tsx";
import { Reasons } from "./reasons.tsx";
import { fieldLabel, titleOf, valueText } from "./record.ts";
import { usedSentence } from "./used-sentence.ts";
import "./record-drawer.css";

/** A record as the drawer shows it: a source has all of it. */
type ShownRecord = Pick<Source, "id" | "text" | "metadata">;

interface RecordDrawerProps {
  readonly id: string;
  /** The record if the page has it; without it the service is asked. */
  readonly known: Source | undefined;
  /** The answer that the record is a source of. */
  readonly answer: string;
  readonly onClose: () => void;
}

/** A whole record: its text and every field. */
export function RecordDrawer({ id, known, answer, onClose }: RecordDrawerProps): JSX.Element {
  const [record, setRecord] = useState<ShownRecord | undefined>(known);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    if (known !== undefined) return;
    requestJson<ShownRecord>(`./api/foods/${encodeURIComponent(id)}`).then(setRecord, (error) =>
      setProblem(problemOf(error)),
    );
  }, [id, known]);
  return (
    <Dialog place="drawer" title={record === undefined ? id : titleOf(record)} onClose={onClose}>
      {record !== undefined && <RecordDetails record={record} source={known} answer={answer} />}
      {record === undefined && problem === undefined && <Skeleton lines={6} label="The record is loading" />}
      {problem && (
        <State icon="bad" tone="bad" title={problem.detail} isAlert>
          {problem.hint}
        </State>
      )}
    </Dialog>
  );
}

interface RecordDetailsProps {
  readonly record: ShownRecord;
  /** `undefined`: it is not a source of the answer in focus. */
  readonly source: Source | undefined;
  readonly answer: string;
}

function RecordDetails({ record, source, answer }: RecordDetailsProps): JSX.Element {
  const { id, text, metadata } = record;
  const isCited = source !== undefined && answer.includes(`[${source.number}]`);
  const quote = isCited ? usedSentence(text, answer, source.number) : undefined;
  return (
    <div class="record">
      {source && <Reasons source={source} />}
      <p class="record-text">
        {quote === undefined ? (
          text
        ) : (
          <>
            {quote.before}
            <mark class="used-sentence">{quote.used}</mark> {quote.after}
          </>
        )}
      </p>
      <AllergenTags record={record} />
      <dl class="record-fields">
        <div>
          <dt>id</dt>
          <dd>
            <code>{id}</code>
          </dd>
        </div>
        {Object.entries(metadata).map(([field, value]) => (
          <div key={field}>
            <dt>{fieldLabel(field)}</dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
