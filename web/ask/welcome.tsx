import type { ComponentChildren, JSX } from "preact";
import { examples } from "./examples.ts";
import "./welcome.css";

interface WelcomeProps {
  /** The field for a question. */
  readonly children: ComponentChildren;
  readonly onAsk: (question: string) => void;
}

/** The page before the first question: what this is, and what can be asked. */
export function Welcome({ children, onAsk }: WelcomeProps): JSX.Element {
  return (
    <div class="welcome">
      <h2 class="welcome-title">What would you like to know about food?</h2>
      <p class="welcome-text">
        ragfood answers only from its food records, and every statement names the record that it comes from.
      </p>
      {children}
      <ul class="examples" aria-label="Example questions">
        {examples.map(({ kind, question }) => (
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
