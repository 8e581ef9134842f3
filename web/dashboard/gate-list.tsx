import type { JSX } from "preact";
import { Icon } from "../icons/icon.tsx";
import { sentence } from "../service/problem-error.ts";
import type { CutoverDetails } from "./cutover.ts";
import "./gate-list.css";

/** Gates with what was found at each. */
export function GateList({ gates }: { readonly gates: CutoverDetails["gates"] }): JSX.Element {
  return (
    <ul class="gates">
      {gates.map(({ title, isOpen, detail }) => (
        <li key={title} class={`gate ${isOpen ? "gate-open" : ""}`}>
          <Icon name={isOpen ? "check" : "clock"} size={14} label={isOpen ? "Open" : "Missing"} />
          <span>
            {sentence(title)}
            <span class="gate-detail">{detail}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
