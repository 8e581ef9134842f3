import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";
import { problemOf } from "../service/problem-error.ts";
import type { Vote } from "./turn.ts";
import "../components/field.css";
import "./feedback.css";

interface FeedbackProps {
  readonly given: Vote | undefined;
  readonly onVote: (vote: Vote) => Promise<void>;
}

/** Thumbs for an answer, and a comment for the readers of the votes. */
export function Feedback({ given, onVote }: FeedbackProps): JSX.Element {
  const [isCommenting, setIsCommenting] = useState(false);
  const [comment, setComment] = useState("");
  const [report, setReport] = useState("");
  const [isFailed, setIsFailed] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // What is typed now is the comment. On a touch screen the keyboard would cover the answer.
    if (isCommenting && !matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, [isCommenting, given?.vote]);
  const send = async (vote: Vote) => {
    try {
      await onVote(vote);
      setIsFailed(false);
      setReport(
        vote.comment === undefined
          ? "Thank you. Your vote is recorded."
          : "Thank you. Your comment is recorded.",
      );
      setIsCommenting(vote.comment === undefined);
    } catch (error) {
      const { detail, hint } = problemOf(error);
      setIsFailed(true);
      setReport(`Not recorded: ${detail} ${hint ?? "Try again."}`);
    }
  };
  const thumb = (vote: Vote["vote"]) => (
    <IconButton
      icon={vote === "up" ? "thumbUp" : "thumbDown"}
      label={vote === "up" ? "Good answer" : "Bad answer"}
      aria-pressed={given?.vote === vote}
      onClick={() => send({ vote })}
    />
  );
  return (
    <div class="feedback">
      <div class="feedback-thumbs">
        {thumb("up")}
        {thumb("down")}
      </div>
      {isCommenting && given !== undefined && (
        <form
          class="feedback-form"
          onSubmit={(event) => {
            event.preventDefault();
            void send({ vote: given.vote, comment: comment.trim() });
          }}
        >
          <input
            ref={field}
            class="field"
            aria-label="Comment"
            placeholder={given.vote === "up" ? "What was good? (optional)" : "What was wrong? (optional)"}
            maxLength={1000}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
          <Button type="submit" disabled={comment.trim() === ""}>
            Send
          </Button>
          <IconButton icon="close" label="Close the form" onClick={() => setIsCommenting(false)} />
        </form>
      )}
      <p class={`feedback-report ${isFailed ? "feedback-failed" : ""}`} role="status">
        {report}
      </p>
      {given?.comment !== undefined && <p class="feedback-comment">Your comment: {given.comment}</p>}
    </div>
  );
}
