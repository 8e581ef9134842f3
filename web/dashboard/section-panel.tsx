import type { JSX } from "preact";
import { Badge } from "../components/badge.tsx";
import { age, percent, unbroken, withLocalTimes } from "../components/format.ts";
import { Meter } from "../components/meter.tsx";
import { Panel } from "../components/panel.tsx";
import type { StatusSection } from "../service/contract.ts";
import { figuresOf, type PanelName } from "./figures.ts";
import { toneOf, toneWord } from "./tone.ts";
import "../components/pairs.css";
import "./section-panel.css";

interface SectionPanelProps {
  readonly name: PanelName;
  readonly title: string;
  readonly section: StatusSection;
  /** Whether nothing has arrived from the service for some time. */
  readonly isLost: boolean;
  readonly now: number;
}

/** A part of the service: its condition, one sentence, and its figures. */
export function SectionPanel({ name, title, section, isLost, now }: SectionPanelProps): JSX.Element {
  const measured = { time: section.time, isStale: section.isStale || isLost };
  const tone = toneOf(section.condition, measured);
  const { figures, spent, comments = [] } = figuresOf(name, section.details, now);
  return (
    <Panel title={title} class="section" aside={<Badge tone={tone}>{toneWord(tone, measured)}</Badge>}>
      <p class="section-sentence">{unbroken(withLocalTimes(section.sentence, now))}</p>
      {figures.length > 0 && (
        <dl class="pairs section-figures">
          {figures.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {spent !== undefined && (
        <div class="section-meter">
          <Meter
            share={spent}
            tone={meterTone(spent, measured.isStale)}
            label={`${percent(spent)} of the budget is spent`}
          />
        </div>
      )}
      {comments.length > 0 && (
        <ul class="section-comments" aria-label="Last comments">
          {comments.map((comment) => (
            <li key={comment}>“{comment}”</li>
          ))}
        </ul>
      )}
      {measured.isStale && (
        <p class="section-age">
          {section.time === null ? "Not measured yet" : `Measured ${age(section.time, now)}`}
        </p>
      )}
    </Panel>
  );
}

/** From four fifths of a budget on, as the service warns. */
function meterTone(spent: number, isStale: boolean): "unknown" | "bad" | "warning" | "good" {
  if (isStale) return "unknown";
  return spent >= 1 ? "bad" : spent >= 0.8 ? "warning" : "good";
}
