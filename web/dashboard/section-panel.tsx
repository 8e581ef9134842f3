import type { JSX } from "preact";
import { Badge } from "../components/badge.tsx";
import { age } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import type { StatusSection } from "../service/contract.ts";
import { figuresOf } from "./figures.ts";
import { toneOf, toneWord } from "./tone.ts";
import "../components/pairs.css";
import "./section-panel.css";

interface SectionPanelProps {
  readonly title: string;
  readonly section: StatusSection;
  /** Whether nothing has arrived from the service for some time. */
  readonly isLost: boolean;
  readonly now: number;
}

/** Characters of a value that fits beside its name. */
const longestBeside = 26;

/** A part of the service: its condition, one sentence, and its figures. */
export function SectionPanel({ title, section, isLost, now }: SectionPanelProps): JSX.Element {
  const measured = { time: section.time, isStale: section.isStale || isLost };
  const tone = toneOf(section.condition, measured);
  const figures = figuresOf(section.details);
  return (
    <Panel title={title} class="section" aside={<Badge tone={tone}>{toneWord(tone, measured)}</Badge>}>
      <p class="section-sentence">{section.sentence}</p>
      {figures.length > 0 && (
        <dl class="pairs section-figures">
          {figures.map(({ label, value }) => (
            <div key={label} class={value.length > longestBeside ? "section-long" : undefined}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <p class="section-age">
        {section.time === null ? "Not measured yet" : `Measured ${age(section.time, now)}`}
      </p>
    </Panel>
  );
}
