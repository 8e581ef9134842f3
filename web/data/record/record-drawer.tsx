import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { recordTitle } from "../../components/record-title.ts";
import type { OpenedIndex } from "../api/session.ts";
import { CopyButton } from "../copy-button.tsx";
import { visibleText } from "../visible-text.ts";
import { RecordDetails } from "./record-details.tsx";
import { useRecord } from "./use-record.ts";
import "./record-drawer.css";

interface RecordDrawerProps {
  readonly index: OpenedIndex;
  readonly namespace: string;
  readonly id: string;
  /** Whether there is room for it beside the table. Otherwise it lies above. */
  readonly isBeside: boolean;
  readonly onFindSimilar: () => void;
  readonly onFilter: (condition: string) => void;
  /** Called after the record was written or deleted. */
  readonly onChange: () => void;
  readonly onClose: () => void;
}

/** One record at the side of the table, titled by its name if its metadata has one. */
export function RecordDrawer({ isBeside, ...props }: RecordDrawerProps): JSX.Element {
  const { index, namespace, id, onClose } = props;
  const [loaded, reload] = useRecord(index, namespace, id);
  const name = loaded.state === "loaded" ? recordTitle(loaded.record.metadata) : undefined;
  const shownId = visibleText(id);
  const title = name === undefined ? shownId : visibleText(name);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  const details = <RecordDetails {...props} loaded={loaded} onReload={reload} />;
  if (!isBeside) {
    return (
      <Dialog title={title} place="drawer" onClose={onClose}>
        {title !== shownId && <p class="drawer-id drawer-id-above">{shownId}</p>}
        {details}
      </Dialog>
    );
  }
  return (
    <aside
      class="drawer"
      aria-label="Record"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header class="drawer-head">
        <div class="drawer-names">
          <h2 class="drawer-title" tabIndex={-1} ref={heading}>
            {title}
          </h2>
          {/* A name may still arrive: then the id takes this line. */}
          {loaded.state === "loading" && <p class="drawer-id">{"\u00a0"}</p>}
          {title !== shownId && <p class="drawer-id">{shownId}</p>}
        </div>
        <CopyButton text={id} label="Copy the id" />
        <IconButton icon="close" label="Close the record" onClick={onClose} />
      </header>
      <div class="drawer-body">{details}</div>
    </aside>
  );
}
