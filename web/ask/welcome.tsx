import type { ComponentChildren, JSX } from "preact";
import type { PageData } from "./use-facets.ts";
import "./welcome.css";

interface WelcomeProps {
  /** Absent until it is known. */
  readonly data: PageData | undefined;
  /** The field for a question. */
  readonly children: ComponentChildren;
  readonly onAsk: (question: string) => void;
}

/** The page before the first question: what this is, and what can be asked. */
export function Welcome({ data, children, onAsk }: WelcomeProps): JSX.Element {
  return (
    <div class="welcome">
      <h2 class="welcome-title">
        {data?.isAboutFood ? "What would you like to know about food?" : "What would you like to know?"}
      </h2>
      <p class="welcome-text">
        ragfood answers only from its records, and every statement names the record that it comes from.
      </p>
      {children}
      <ul class="examples" aria-label="Example questions">
        {(data?.examples ?? []).map(({ kind, question }) => (
          <li key={question}>
            <button type="button" class="example" onClick={() => onAsk(question)}>
              <span class="example-kind">{kind}</span>
              <span>{question}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
