import type { JSX } from "preact";
import { unbroken } from "../components/format.ts";
import { Icon } from "../icons/icon.tsx";
import { sentence } from "../service/problem-error.ts";
import type { CutoverDetails } from "./cutover.ts";
import { inStoreWords } from "./store-words.ts";
import "./gate-list.css";

/** Conditions of the next stage (gates) with what was found for each. */
export function GateList({ gates, leader }: Pick<CutoverDetails, "gates" | "leader">): JSX.Element {
  return (
    <ul class="gates">
      {gates.map(({ title, isOpen, detail }) => (
        <li key={title} class={`gate ${isOpen ? "gate-open" : ""}`}>
          <Icon name={isOpen ? "check" : "clock"} size={14} label={isOpen ? "Met" : "Missing"} />
          <span>
            {unbroken(sentence(inStoreWords(title, leader)))}
            <span class="gate-detail">{unbroken(inStoreWords(detail, leader))}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
