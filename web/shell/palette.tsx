import type { JSX } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Keys } from "../components/key.tsx";
import { useModal } from "../components/use-modal.ts";
import { Icon } from "../icons/icon.tsx";
import { type PaletteEntry, searchEntries } from "./palette-search.ts";
import "./palette.css";

interface PaletteProps {
  readonly entries: readonly PaletteEntry[];
  /** An entry for the text that was typed and that no other entry has: "Ask …". */
  readonly entryFor?: (text: string) => PaletteEntry;
  readonly onClose: () => void;
  /** A quiet line at the foot: which service this is. */
  readonly foot?: string;
}

/** One field that reaches pages, recent questions and actions. */
export function Palette({ entries, entryFor, onClose, foot }: PaletteProps): JSX.Element {
  const dialog = useModal(onClose);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const listId = useId();
  const found = useMemo(() => {
    const matching = searchEntries(entries, text);
    return text.trim() === "" || entryFor === undefined ? matching : [...matching, entryFor(text.trim())];
  }, [entries, entryFor, text]);
  const current = found[Math.min(place, found.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const choose = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    // Closed first: as long as it is open, the action cannot move the focus to an element of the page.
    dialog.current?.close();
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setPlace((place + 1) % found.length);
    else if (event.key === "ArrowUp") setPlace((place + found.length - 1) % found.length);
    else if (event.key === "Enter" && !event.isComposing) choose(current);
    else return;
    event.preventDefault();
  };

  return (
    <dialog ref={dialog} class="palette" aria-label="Command palette">
      <div class="palette-field">
        <Icon name="search" />
        <input
          class="palette-input"
          role="combobox"
          aria-label="Go to a page, a question or an action"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={current && `${listId}-${current.id}`}
          placeholder="Page, question or action"
          autocomplete="off"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Keys keys="Esc" />
      </div>
      <div class="palette-list" id={listId} role="listbox" aria-label="Results" ref={list}>
        {found.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {entry.group !== found[index - 1]?.group && (
              <p class="palette-group" role="presentation">
                {entry.group}
              </p>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys. */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: the field points at it with aria-activedescendant. */}
            <div
              id={`${listId}-${entry.id}`}
              class="palette-entry"
              role="option"
              aria-selected={entry === current}
              onPointerMove={() => setPlace(index)}
              onClick={() => choose(entry)}
            >
              <Icon name={entry.icon} />
              <span class="palette-label">{entry.label}</span>
            </div>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="palette-none">Nothing has these words.</p>}
      {foot && <p class="palette-foot">{foot}</p>}
    </dialog>
  );
}
