import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { IconName } from "../icons/icon.tsx";
import { Button } from "./button.tsx";
import "./popover.css";

interface PopoverProps {
  /** On the button that opens it. */
  readonly label: string;
  readonly icon: IconName;
  /** What a screen reader says for the button. Default: the label. */
  readonly name?: string;
  readonly children: ComponentChildren;
}

/** A button that opens a small box below it. Esc and a click outside close it. */
export function Popover({ label, icon, name = label, children }: PopoverProps): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const box = useId();
  useLayoutEffect(() => {
    if (!isOpen) return;
    const onPointerDown = (event: PointerEvent) => {
      if (!element.current?.contains(event.target as Node)) setIsOpen(false);
    };
    addEventListener("pointerdown", onPointerDown);
    return () => removeEventListener("pointerdown", onPointerDown);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    event.stopPropagation();
    setIsOpen(false);
    element.current?.querySelector("button")?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears Esc from the controls inside.
    <div
      class="popover"
      ref={element}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        const target = event.relatedTarget as Node | null;
        if (target !== null && !event.currentTarget.contains(target)) setIsOpen(false);
      }}
    >
      <Button
        icon={icon}
        aria-expanded={isOpen}
        aria-controls={box}
        aria-label={name}
        onClick={() => setIsOpen(!isOpen)}
      >
        {label}
      </Button>
      {isOpen && (
        // A click on a word of the box must not move the focus out of it, which would close it.
        <fieldset class="popover-box" id={box} tabIndex={-1}>
          <legend class="only-for-readers">{name}</legend>
          {children}
        </fieldset>
      )}
    </div>
  );
}
