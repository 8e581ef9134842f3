import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Button } from "../components/button.tsx";
import type { Source } from "../service/contract.ts";
import { AllergenTags } from "./allergen-tags.tsx";
import { Reasons } from "./reasons.tsx";
import { titleOf } from "./record.ts";
import { usedSentence } from "./used-sentence.ts";
import "./source-card.css";

interface SourceCardProps {
  readonly source: Source;
  /** The id of its element: the target of citation marks. */
  readonly elementId: string;
  readonly answer: string;
  /** Whether the answer is complete. */
  readonly isAnswered: boolean;
  readonly isLit: boolean;
  readonly onLight: (number: number | undefined) => void;
  readonly onOpen: () => void;
}

/** A source of an answer: where it comes from, why it is one, and the sentence that was used. */
export function SourceCard(props: SourceCardProps): JSX.Element {
  const { source, elementId, answer, isAnswered, isLit, onLight, onOpen } = props;
  const { number, region, type, text } = source;
  const quoted = useMemo(() => usedSentence(text, answer, number), [text, answer, number]);
  const isCited = answer.includes(`[${number}]`);
  const name = titleOf(source);
  const kind = [region, type].filter((each) => !absent.has(each)).join(" · ");
  return (
    <li>
      <article
        id={elementId}
        class={`source ${isLit ? "source-lit" : ""}`}
        aria-label={`Source ${number}: ${name}`}
        tabIndex={-1}
        onPointerEnter={() => onLight(number)}
        onPointerLeave={() => onLight(undefined)}
      >
        <header class="source-head">
          <span class="source-number">{number}</span>
          <div class="source-names">
            <h3 class="source-name">{name}</h3>
            {kind !== "" && <p class="source-kind">{kind}</p>}
            {isAnswered && !isCited && <p class="source-kind source-unused">not used in the answer</p>}
          </div>
        </header>
        <Reasons source={source} />
        <p class="source-text">
          {quoted.before && <span class="source-around">{clip(quoted.before, "end")}</span>}
          {isCited ? <mark>{quoted.used}</mark> : quoted.used}
          {quoted.after && <span class="source-around"> {clip(quoted.after, "start")}</span>}
        </p>
        <footer class="source-foot">
          <AllergenTags record={source} />
          <Button look="quiet" class="source-open" onClick={onOpen}>
            Show whole record
          </Button>
        </footer>
      </article>
    </li>
  );
}

/** What the service writes for a record without a region or a type. */
const absent = new Set(["unknown", "general"]);

/** Characters that are shown on each side of the used sentence. */
const context = 70;

/** The part of a text that is next to the used sentence, cut between words. */
function clip(text: string, side: "start" | "end"): string {
  if (text.length <= context) return text;
  if (side === "start") return `${text.slice(0, text.lastIndexOf(" ", context))} …`;
  return `… ${text.slice(text.indexOf(" ", text.length - context) + 1)}`;
}
