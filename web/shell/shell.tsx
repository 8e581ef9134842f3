import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { Keys } from "../components/key.tsx";
import { Icon, type IconName } from "../icons/icon.tsx";
import { choosePage, focusChosenPage } from "./chosen-page.ts";
import { pageActions } from "./page-actions.ts";
import { pages as allPages, type Page } from "./pages.ts";
import { Palette } from "./palette.tsx";
import type { PaletteEntry } from "./palette-search.ts";
import { forgetQuestions, recentQuestions } from "./recent-questions.ts";
import { applyTheme, readTheme, setTheme, type Theme } from "./theme.ts";
import "../tokens.css";
import "../base.css";
import "./shell.css";

applyTheme();

/** What the foot of the rail says about the service. Absent parts are not shown. */
export interface ServiceLine {
  /** The store that answers: `embedded`, `upstash`. */
  readonly store?: string;
  /** The stage of the cutover, in words. */
  readonly stage?: string;
  readonly version?: string;
  /** Whether the last request for it failed: then the rest is old. */
  readonly isUnreachable?: boolean;
}

interface ShellProps {
  /** `undefined`: none of them. */
  readonly page: Page["id"] | undefined;
  /** Default: all three. The emulator has only the data browser. */
  readonly pages?: readonly Page[];
  readonly service?: ServiceLine;
  /** Asks a question from the palette. Default: opens it on the page Ask. */
  readonly onAsk?: (question: string) => void;
  readonly children: ComponentChildren;
}

/** What surrounds each page: the rail (on phones a bar at the bottom) and the command palette. */
export function Shell({ page, pages = allPages, service = {}, onAsk, children }: ShellProps): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setIsOpen((before) => !before);
    };
    addEventListener("keydown", onKeyDown, true);
    return () => removeEventListener("keydown", onKeyDown, true);
  }, []);
  useEffect(() => page && focusChosenPage(page), []);
  const canAsk = pages.some(({ id }) => id === "ask");
  const ask = onAsk ?? openQuestion;
  const entries = useMemo(
    () => (isOpen ? paletteEntries(pages, canAsk ? ask : undefined) : []),
    [isOpen, pages, canAsk, ask],
  );

  return (
    <div class="shell">
      <a class="shell-skip" href="#content">
        Skip to the content
      </a>
      <nav class="rail" aria-label="Pages">
        <p class="rail-brand">
          <span class="rail-mark">
            <Icon name="leaf" size={18} />
          </span>
          ragfood
        </p>
        <ul class="rail-pages">
          {pages.map(({ id, name, address, icon }) => (
            <li key={id}>
              <a
                class="rail-link"
                href={address}
                // Enter is a click without a pointer.
                onClick={({ detail }) => detail === 0 && choosePage(id)}
                {...(id === page && { "aria-current": "page" as const })}
              >
                <Icon name={icon} size={18} />
                <span>{name}</span>
              </a>
            </li>
          ))}
          <li>
            <button type="button" class="rail-link rail-commands" onClick={() => setIsOpen(true)}>
              <Icon name="command" size={18} />
              <span>Commands</span>
              <Keys keys="Ctrl K" />
            </button>
          </li>
        </ul>
        <div class={`rail-foot ${canAsk ? "rail-foot-awaited" : ""}`}>
          <ServiceDetails service={service} />
        </div>
      </nav>
      <main class="content" id="content" tabIndex={-1}>
        {children}
      </main>
      {isOpen && (
        <Palette
          entries={entries}
          foot={serviceText(service)}
          onClose={() => setIsOpen(false)}
          {...(canAsk && { entryFor: (text: string) => askEntry(text, ask) })}
        />
      )}
    </div>
  );
}

function ServiceDetails({ service }: { readonly service: ServiceLine }): JSX.Element {
  const { store, stage, version, isUnreachable } = service;
  return (
    <dl class="service">
      {isUnreachable && (
        <div class="service-line service-unreachable">
          <dt class="only-for-readers">Service</dt>
          <dd>
            <Icon name="warning" size={14} />
            not reachable
          </dd>
        </div>
      )}
      {store && (
        <div class="service-line">
          <dt>Store</dt>
          <dd>{store}</dd>
        </div>
      )}
      {stage && (
        <div class="service-line">
          <dt>Cutover</dt>
          <dd>{stage}</dd>
        </div>
      )}
      {version && (
        <div class="service-line">
          <dt>Version</dt>
          <dd>{version}</dd>
        </div>
      )}
    </dl>
  );
}

function serviceText({ store, stage, version, isUnreachable }: ServiceLine): string {
  return [
    isUnreachable ? "service not reachable" : undefined,
    store && `store: ${store}`,
    stage && `cutover: ${stage}`,
    version && `version ${version}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

const themeIcons: Record<Theme, IconName> = { system: "screen", light: "sun", dark: "moon" };

function paletteEntries(
  pages: readonly Page[],
  ask: ((question: string) => void) | undefined,
): PaletteEntry[] {
  const current = readTheme();
  const themes = (["system", "light", "dark"] as const).filter((theme) => theme !== current);
  return [
    ...pages.map(({ id, name, address, icon }) => ({
      id: `page-${id}`,
      group: "Pages" as const,
      label: name,
      icon,
      run: () => {
        choosePage(id);
        location.assign(address);
      },
    })),
    ...pageActions(),
    ...themes.map((theme) => ({
      id: `theme-${theme}`,
      group: "Actions" as const,
      label: theme === "system" ? "Theme: as the system" : `Theme: ${theme}`,
      icon: themeIcons[theme],
      run: () => setTheme(theme),
    })),
    ...(ask === undefined ? [] : recentEntries(ask)),
  ];
}

function recentEntries(ask: (question: string) => void): PaletteEntry[] {
  const questions = recentQuestions();
  if (questions.length === 0) return [];
  const group = "Recent questions, kept in this browser only" as const;
  return [
    ...questions.map((question, index) => ({
      id: `question-${index}`,
      group,
      label: question,
      icon: "clock" as const,
      run: () => ask(question),
    })),
    { id: "forget-questions", group, label: "Clear recent questions", icon: "close", run: forgetQuestions },
  ];
}

function askEntry(text: string, ask: (question: string) => void): PaletteEntry {
  return { id: "ask-this", group: "Ask", label: `Ask “${text}”`, icon: "ask", run: () => ask(text) };
}

function openQuestion(question: string): void {
  location.assign(`./ask?${new URLSearchParams({ q: question })}`);
}
