import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { IconButton } from "./button.tsx";
import { useModal } from "./use-modal.ts";
import "./dialog.css";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons at the foot, the main one last. */
  readonly actions?: ComponentChildren;
  /** `drawer` comes from the side, on phones from below. Default: in the middle. */
  readonly place?: "middle" | "drawer";
}

/** A modal dialog with a title, a body that scrolls, and buttons. */
export function Dialog({ title, onClose, children, actions, place = "middle" }: DialogProps): JSX.Element {
  const element = useModal(onClose);
  const heading = useId();
  return (
    <dialog ref={element} class={`dialog dialog-${place}`} aria-labelledby={heading}>
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id={heading} class="dialog-title">
            {title}
          </h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {actions && <footer class="dialog-foot">{actions}</footer>}
      </div>
    </dialog>
  );
}
