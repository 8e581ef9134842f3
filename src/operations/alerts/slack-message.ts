import { durationText } from "../../foundation/duration-text.ts";
import type { Alert, AlertMessage } from "../../state/alerts.ts";
import { runbookOf } from "./runbook.ts";

/** A message for an incoming webhook of Slack; Mattermost and Rocket.Chat take it too, Discord at `…/slack`. */
export interface SlackMessage {
  readonly text: string;
  readonly attachments: readonly {
    readonly color: string;
    readonly fallback: string;
    readonly fields: readonly { readonly title: string; readonly value: string; readonly short: boolean }[];
    /** Epoch seconds. */
    readonly ts: number;
  }[];
}

const colors = { page: "#b3261e", ticket: "#a15c00", recovered: "#2e6b3e" } as const;

/** @param service the name of the service, for those who run several */
export function slackMessage(
  { kind, alert }: Pick<AlertMessage, "kind" | "alert">,
  service: string,
): SlackMessage {
  const isOver = kind === "recovered";
  const text = `${heading(kind, alert)}: ${alert.sentence}`;
  return {
    text: escapeText(text),
    attachments: [
      {
        color: isOver ? colors.recovered : colors[alert.severity],
        fallback: escapeText(text),
        fields: [
          field("Service", service),
          field("Severity", alert.severity),
          field("Since", new Date(alert.startedAt).toISOString()),
          ...(alert.recoveredAt === undefined
            ? []
            : [field("Lasted", durationText(alert.recoveredAt - alert.startedAt))]),
          ...(isOver ? [] : [field("Runbook", runbookOf(alert.key))]),
        ],
        ts: Math.floor((alert.recoveredAt ?? alert.startedAt) / 1_000),
      },
    ],
  };
}

function heading(kind: AlertMessage["kind"], { severity }: Alert): string {
  return { firing: `Alert (${severity})`, escalated: `Alert raised to ${severity}`, recovered: "Recovered" }[
    kind
  ];
}

function field(title: string, value: string) {
  return { title, value: escapeText(value), short: true };
}

/** Slack reads `<` as the begin of a link or a mention. */
function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
