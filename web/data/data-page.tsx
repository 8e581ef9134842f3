import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { State } from "../components/state.tsx";
import { useServiceLine } from "../service/use-service-line.ts";
import { pages } from "../shell/pages.ts";
import { Shell } from "../shell/shell.tsx";
import { forgetTokens, openSession, type Session } from "./api/session.ts";
import { Browser } from "./browser.tsx";
import { SignIn } from "./sign-in.tsx";
import { useView } from "./use-view.ts";

/** The data browser: asks for a token, then shows what it opens. */
export function DataPage(): JSX.Element {
  const [session, setSession] = useState<Session | undefined>();
  const [failure, setFailure] = useState<string | undefined>();
  const [isAdding, setIsAdding] = useState(false);
  const [view, change] = useView();
  const open = useCallback(() => {
    setFailure(undefined);
    setIsAdding(false);
    openSession().then(setSession, (error: Error) => setFailure(error.message));
  }, []);
  useEffect(open, [open]);
  const host = session?.host ?? "emulator";
  return (
    <Frame host={session?.host}>
      {failure !== undefined ? (
        <State
          icon="bad"
          tone="bad"
          isAlert
          title="The server does not answer"
          actions={<Button onClick={open}>Try again</Button>}
        >
          {failure}
        </State>
      ) : session === undefined ? (
        <div class="data-waiting">
          <Skeleton lines={6} label="Opening the data browser" />
        </div>
      ) : session.indexes.length === 0 ? (
        <SignIn host={host} onOpen={open} />
      ) : (
        <Browser
          session={session}
          view={view}
          onChange={change}
          onAddToken={() => setIsAdding(true)}
          onForget={() => {
            forgetTokens();
            open();
          }}
        />
      )}
      {isAdding && (
        <Dialog title="Add a token" onClose={() => setIsAdding(false)}>
          <SignIn host={host} onOpen={open} />
        </Dialog>
      )}
    </Frame>
  );
}

interface FrameProps {
  /** `undefined`: not known yet. */
  readonly host: Session["host"] | undefined;
  readonly children: ComponentChildren;
}

/** The shell: a service has all pages, an emulator only this one. */
function Frame({ host, children }: FrameProps): JSX.Element {
  if (host === "service") return <ServiceFrame>{children}</ServiceFrame>;
  return (
    <Shell
      page="data"
      pages={pages.filter(({ id }) => id === "data")}
      {...(host === "emulator" && { service: { store: "emulator" } })}
    >
      {children}
    </Shell>
  );
}

function ServiceFrame({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <Shell page="data" service={useServiceLine()}>
      {children}
    </Shell>
  );
}
