import type { JSX } from "preact";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { count, none, percent, span, time } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import { Icon } from "../icons/icon.tsx";
import type { Status } from "../service/contract.ts";
import { isNews, type Trouble } from "./incidents.ts";
import "./troubles-panel.css";

interface TroublesPanelProps {
  /** `undefined` until they arrive. */
  readonly troubles: readonly Trouble[] | undefined;
  /** Opens the report of one. */
  readonly onOpen: (id: string) => void;
  /** Asks who acknowledges the alert of one. */
  readonly onAcknowledge: (id: string) => void;
  readonly lostReplicas: Status["lostReplicas"];
  /** Whether nothing has arrived from the service for some time. */
  readonly isLost: boolean;
  readonly now: number;
}

/** Rows of the table; older ones are reached through the command line and the API. */
const shown = 12;

/** Alerts and incidents with their states and reports. */
export function TroublesPanel(props: TroublesPanelProps): JSX.Element {
  const { troubles, onOpen, onAcknowledge, lostReplicas, isLost, now } = props;
  const open = troubles?.filter(({ state }) => state === "open") ?? [];
  const known = open.filter(isAcknowledged).length;
  return (
    <Panel
      title="Alerts and incidents"
      id="troubles"
      isFlush
      aside={
        troubles === undefined ? undefined : open.length === 0 ? (
          <Badge tone={isLost ? "unknown" : "good"}>
            {isLost ? "None open when last seen" : "None open"}
          </Badge>
        ) : (
          <Badge tone={known === open.length ? "warning" : "bad"}>
            {open.length} open{known > 0 && `, ${known} acknowledged`}
          </Badge>
        )
      }
    >
      <LostReplicas replicas={lostReplicas} />
      {troubles?.length === 0 && <p class="troubles-none">No alert and no incident so far.</p>}
      {troubles !== undefined && troubles.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways needs the arrow keys.
        <section class="troubles-scroll" aria-label="Table of alerts and incidents" tabIndex={0}>
          <table class="troubles">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">What</th>
                <th scope="col">Opened</th>
                <th scope="col">Closed</th>
                <th scope="col">Duration and effect</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {troubles.slice(0, shown).map((trouble) => (
                <tr key={trouble.id}>
                  <td>
                    <TroubleBadge trouble={trouble} />
                  </td>
                  <td class="troubles-title">
                    {trouble.title}
                    <span class="troubles-kind">{kindOf(trouble)}</span>
                    <Acknowledgement trouble={trouble} />
                  </td>
                  <td data-label="opened">{time(trouble.openedAt)}</td>
                  <td {...(trouble.closedAt !== null && { "data-label": "closed" })}>
                    {trouble.closedAt === null ? none : time(trouble.closedAt)}
                  </td>
                  <td class="troubles-cost">
                    {span(trouble.openedAt, trouble.closedAt === null ? now : Date.parse(trouble.closedAt))}
                    <span class="troubles-kind">{costOf(trouble)}</span>
                  </td>
                  <td class="troubles-actions">
                    {isNews(trouble) && (
                      <Button look="link" onClick={() => onAcknowledge(trouble.id)}>
                        Acknowledge
                      </Button>
                    )}
                    {trouble.report !== null && (
                      <Button look="link" onClick={() => onOpen(trouble.id)}>
                        Report
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

/** Open is not yet over; acknowledged is not yet over, and somebody sees to it. */
function TroubleBadge({ trouble }: { readonly trouble: Trouble }): JSX.Element {
  if (trouble.state === "closed") {
    return (
      <Badge isPlain tone="good">
        Closed
      </Badge>
    );
  }
  const isKnown = isAcknowledged(trouble);
  return (
    <Badge isPlain tone={isKnown ? "warning" : "bad"}>
      {isKnown ? "Acknowledged" : "Open"}
    </Badge>
  );
}

function isAcknowledged({ alert }: Trouble): boolean {
  return alert !== undefined && alert.acknowledgement !== null;
}

/** `Acknowledged by Ada, 11:02: renewing the token` */
function Acknowledgement({ trouble }: { readonly trouble: Trouble }): JSX.Element | null {
  const known = trouble.alert?.acknowledgement;
  if (!known) return null;
  const note = known.text === "" ? "" : `: ${known.text}`;
  return (
    <span class="troubles-kind">
      Acknowledged by {known.by}, {time(known.time)}
      {note}
    </span>
  );
}

/** `incident · rollback`, `incident · page`: the page shows the severity of an alert, not its key. */
function kindOf({ kind, sort }: Trouble): string {
  return `${kind} · ${sort.replace(/^alert:.*/, "alert")}`;
}

/** `41 not answered, 3.4 % of the error budget`. */
function costOf({ cost }: Trouble): string {
  if (cost === undefined) return "";
  const { unanswered, budgetShare } = cost;
  const share = unanswered > 0 && budgetShare !== null ? `, ${percent(budgetShare)} of the error budget` : "";
  return `${count(unanswered)} not answered${share}`;
}

/** Processes that ended without signing off; the service forgets them after an hour. */
function LostReplicas({ replicas }: { readonly replicas: Status["lostReplicas"] }): JSX.Element | null {
  if (replicas.length === 0) return null;
  return (
    <ul class="lost-replicas" aria-label="Lost replicas">
      {replicas.map(({ replica, lastSeen }) => (
        <li key={replica} class="lost-replica">
          <Icon name="warning" size={14} label="Warning" />
          <span>
            Replica <code>{replica}</code> ended without signing off. Last seen {time(lastSeen)}.
          </span>
        </li>
      ))}
    </ul>
  );
}
