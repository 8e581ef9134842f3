import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { LoggedRequest } from "../../../src/embedded/data-session.ts";
import { Badge, type Tone } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { State } from "../../components/state.tsx";
import { Switch } from "../../components/switch.tsx";
import { ownRequests } from "../api/index-api.ts";
import { useRequestLog } from "./use-request-log.ts";
import "./request-log.css";

const rowsShown = 200;

/** The last requests of the emulator, live. */
export function RequestLog({ token }: { readonly token: string }): JSX.Element {
  const { entries, isConnected } = useRequestLog(token);
  const [hidesOwn, setHidesOwn] = useState(true);
  const [held, setHeld] = useState<readonly LoggedRequest[] | undefined>();
  const shown = (held ?? entries).filter(({ requestId }) => !hidesOwn || !ownRequests.has(requestId));
  return (
    <Panel
      title="Requests"
      isFlush
      class="requests"
      aside={
        <span class="requests-tools">
          <Badge isPlain tone={held ? "neutral" : isConnected ? "good" : "warning"}>
            {held ? "Paused" : isConnected ? "Live" : "Not connected"}
          </Badge>
          <Switch label="Hide this page" isOn={hidesOwn} onChange={setHidesOwn} />
          <Button icon={held ? "play" : "pause"} onClick={() => setHeld(held ? undefined : entries)}>
            {held ? "Continue" : "Pause"}
          </Button>
        </span>
      }
    >
      {shown.length === 0 ? (
        <State icon="clock" title="No requests yet">
          Requests of clients appear here as they end: method, path, status and time. Their bodies and tokens
          are not kept.
        </State>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls can be reached by the keyboard.
        <section class="requests-scroll" tabIndex={0} aria-label="Requests, newest first">
          <table class="requests-table">
            <thead>
              <tr>
                <th>Time</th>
                <th>Status</th>
                <th>Request</th>
                <th class="requests-number">ms</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, rowsShown).map((entry) => (
                <Entry key={entry.requestId} {...entry} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

function Entry({ time, status, method, path, milliseconds, failure }: LoggedRequest): JSX.Element {
  return (
    <tr>
      <td class="requests-time">{new Date(time).toLocaleTimeString("en-GB")}</td>
      <td>
        <Badge isPlain tone={toneOf(status)}>
          {status}
        </Badge>
      </td>
      <td class="requests-path">
        <span class="requests-method">{method}</span> {path}
        {failure && <span class="requests-failure">{failure}</span>}
      </td>
      <td class="requests-number">{milliseconds.toFixed(1)}</td>
    </tr>
  );
}

function toneOf(status: number): Tone {
  if (status < 400) return "good";
  return status < 500 ? "warning" : "bad";
}
