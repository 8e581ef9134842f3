import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, IconButton } from "../components/button.tsx";

interface CopyButtonProps {
  readonly text: string;
  /** `Copy the text`: what it does. */
  readonly label: string;
  /** Shows the word too. */
  readonly hasWord?: boolean;
}

const shownMs = 1_500;

/** Copies a text, and says for a moment that it did. */
export function CopyButton({ text, label, hasWord = false }: CopyButtonProps): JSX.Element {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => void copyText(text).then(setIsCopied);
  const icon = isCopied ? "check" : "copy";
  if (hasWord) {
    return (
      <Button icon={icon} onClick={copy}>
        {isCopied ? "Copied" : label}
      </Button>
    );
  }
  return <IconButton icon={icon} label={isCopied ? "Copied" : label} onClick={copy} />;
}

/** The clipboard is only there on a secure origin; a page over plain HTTP copies through a selection. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    return isDone;
  }
}
