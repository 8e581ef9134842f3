import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { KeyForm } from "../components/key-form.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { State } from "../components/state.tsx";
import { useNow } from "../components/use-now.ts";
import { type Polled, usePolled } from "../components/use-polled.ts";
import type { Problem, Status } from "../service/contract.ts";
import { adviceOn, needsKey, sentence } from "../service/problem-error.ts";
import { serviceLineOf } from "../service/use-service-line.ts";
import { Shell } from "../shell/shell.tsx";
import { AcknowledgeDialog } from "./acknowledge-dialog.tsx";
import { ChartsPanel } from "./charts-panel.tsx";
import {
  type CutoverDetails,
  type CutoverState,
  cutoverIn,
  cutoverOf,
  lastDecision,
  marksOf,
  readCutover,
} from "./cutover.ts";
import { CutoverPanel } from "./cutover-panel.tsx";
import { rangeFor, rangeOf } from "./history.ts";
import { isNews, readTroubles, type Trouble } from "./incidents.ts";
import { ObjectiveTile } from "./objective-tile.tsx";
import { OutcomeBanner } from "./outcome-banner.tsx";
import { ReportDialog } from "./report-dialog.tsx";
import { SectionPanel } from "./section-panel.tsx";
import { stageTitle } from "./stages.ts";
import { LiveMark, StateLine } from "./state-line.tsx";
import { StoresPanel } from "./stores-panel.tsx";
import { TroublesPanel } from "./troubles-panel.tsx";
import { useHistory } from "./use-history.ts";
import { type LiveStatus, useLiveStatus } from "./use-live-status.ts";
import "./dashboard-page.css";

/** The page Dashboard: is everything all right, and if not, since when and why? */
export function DashboardPage(): JSX.Element {
  const live = useLiveStatus();
  const { status, problem } = live;
  const announced = status && cutoverOf(status.sections.cutover);
  const details = usePolled(announced && readCutover, cutoverMs);
  const cutover = announced && details.value ? cutoverIn(details.value) : announced;
  const service = {
    ...(status && serviceLineOf(status)),
    ...(cutover && { stage: stageTitle(cutover.stage) }),
    ...(problem && !needsKey(problem) && { isUnreachable: true }),
  };
  return (
    <Shell page="dashboard" service={service}>
      <header class="page-head dashboard-head">
        <h1 class="dashboard-title">Dashboard</h1>
        <LiveMark {...live} />
      </header>
      {status !== undefined && <Watch live={live} status={status} cutover={cutover} details={details} />}
      {status === undefined && problem === undefined && <Loading />}
      {status === undefined && problem !== undefined && (
        <div class="dashboard">
          <NoStatus problem={problem} onRetry={live.reconnect} />
        </div>
      )}
    </Shell>
  );
}

function Loading(): JSX.Element {
  return (
    <div class="dashboard">
      <Skeleton lines={8} label="The state of the service is loading" />
    </div>
  );
}

/** Milliseconds between two looks at what changes rarely. */
const slowMs = 10_000;

/** Milliseconds between two looks at the cutover, which a colleague or a rule may change. */
const cutoverMs = 4_000;

/**
 * Milliseconds for which the page waits for its parts; then it shows what it has. What arrives later moves the rest, so
 * this is for a request that hangs, and not for a busy machine.
 */
const patienceMs = 5_000;

interface WatchProps {
  readonly live: LiveStatus;
  readonly status: Status;
  /** `undefined` if the service has none. */
  readonly cutover: CutoverState | undefined;
  readonly details: Polled<CutoverDetails | undefined>;
}

function Watch({ live, status, cutover, details }: WatchProps): JSX.Element {
  const now = useNow(1_000);
  const [begin] = useState(now);
  const parameters = new URLSearchParams(location.search);
  const [first] = useState(() => rangeFor(status.measuredSince, now));
  const [range, setRange] = useState(() => rangeOf(parameters.get("range")) ?? first);
  const [hasActed, setHasActed] = useState(false);
  const [opened, setOpened] = useState(parameters.get("report") ?? undefined);
  const [acknowledged, setAcknowledged] = useState<string>();
  const history = useHistory(range);
  const course = useHistory(first);
  const troubles = usePolled(readTroubles, slowMs);
  useLayoutEffect(() => {
    const address = new URLSearchParams({ range: range.id, ...(opened !== undefined && { report: opened }) });
    window.history.replaceState(null, "", `?${address}`);
  }, [range, opened]);
  const marks = useMemo(() => marksOf(details.value?.history ?? []), [details.value]);
  const decision = lastDecision(details.value?.history ?? []);
  const goneOnAt = decision?.kind === "rollback" ? undefined : decision?.change.time;
  const isLost = live.problem !== undefined;
  const { objectives } = status;
  const common = { isLost, now };
  const isUrgent = troubles.value?.some(({ state }) => state === "open") ?? false;
  const troublesPanel = (
    <TroublesPanel
      troubles={troubles.value}
      onOpen={setOpened}
      onAcknowledge={setAcknowledged}
      lostReplicas={status.lostReplicas ?? []}
      isLost={isLost || troubles.error !== undefined}
      now={now}
    />
  );
  // What decides the order of the page, and its lines above the charts, comes first: then nothing moves.
  const isComplete = troubles.isRead && (cutover === undefined || details.isRead);
  if (!isComplete && now - begin < patienceMs) return <Loading />;
  return (
    <div class="dashboard">
      <StateLine
        status={status}
        isLost={isLost}
        answers={details.value?.answers}
        troubles={troubles.value}
        goneOnAt={goneOnAt}
        history={course.value}
        range={first}
        now={now}
      />
      {details.value && (
        <OutcomeBanner
          details={details.value}
          troubles={troubles.value}
          now={now}
          isAwaited={hasActed}
          onReport={setOpened}
        />
      )}
      <div class="objectives">
        {objectives.map((objective) => (
          <ObjectiveTile
            key={objective.name}
            objective={objective}
            course={course.value?.[objective.name]}
            range={first}
            measuredSince={status.measuredSince}
            {...common}
          />
        ))}
      </div>
      {isUrgent && troublesPanel}
      <ChartsPanel
        history={history.value}
        error={history.error}
        cutoverMarks={marks}
        range={range}
        onRange={setRange}
        p99={objectives.find(({ name }) => name === "p99")}
      />
      {cutover && (
        <CutoverPanel
          state={cutover}
          details={details.value}
          isLost={isLost || details.error !== undefined}
          onChanged={() => {
            setHasActed(true);
            details.refresh();
            troubles.refresh();
          }}
        />
      )}
      <Sections status={status} {...common} />
      {!isUrgent && troublesPanel}
      <TroubleDialogs
        troubles={troubles}
        opened={opened}
        acknowledged={acknowledged}
        callerKey={details.value?.caller.key}
        onOpen={setOpened}
        onAcknowledge={setAcknowledged}
      />
    </div>
  );
}

interface SectionsProps {
  readonly status: Status;
  readonly isLost: boolean;
  readonly now: number;
}

/** What is behind the answers, a panel each. */
function Sections({ status, ...common }: SectionsProps): JSX.Element {
  const { stores, sections } = status;
  return (
    <div class="dashboard-sections">
      <StoresPanel stores={stores} {...common} />
      {panels.map(([name, title]) => (
        <SectionPanel key={name} name={name} title={title} section={sections[name]} {...common} />
      ))}
    </div>
  );
}

const panels = [
  ["model", "Model"],
  ["integrity", "Integrity"],
  ["backups", "Backups"],
  ["cost", "Cost"],
  ["feedback", "Feedback"],
] as const;

interface TroubleDialogsProps {
  readonly troubles: Polled<readonly Trouble[]>;
  /** Of the one whose report is open, and of the one whose alert someone acknowledges. */
  readonly opened: string | undefined;
  readonly acknowledged: string | undefined;
  readonly callerKey: string | null | undefined;
  readonly onOpen: (id: string | undefined) => void;
  readonly onAcknowledge: (id: string | undefined) => void;
}

function TroubleDialogs(props: TroubleDialogsProps): JSX.Element {
  const { troubles, opened, acknowledged, callerKey, onOpen, onAcknowledge } = props;
  const report = troubles.value?.find(({ id }) => id === opened);
  const news = troubles.value?.filter(isNews) ?? [];
  const asked = news.find(({ id }) => id === acknowledged);
  return (
    <>
      {asked !== undefined && (
        <AcknowledgeDialog
          trouble={asked}
          others={news.filter((each) => each !== asked)}
          callerKey={callerKey}
          onClose={() => onAcknowledge(undefined)}
          onDone={() => {
            onAcknowledge(undefined);
            troubles.refresh();
          }}
        />
      )}
      {report?.report != null && (
        <ReportDialog
          trouble={report}
          report={report.report}
          callerKey={callerKey}
          onChanged={troubles.refresh}
          onClose={() => onOpen(undefined)}
        />
      )}
    </>
  );
}

interface NoStatusProps {
  readonly problem: Problem;
  readonly onRetry: () => void;
}

/** The page without any status: the service does not answer, or asks for a key. */
function NoStatus({ problem, onRetry }: NoStatusProps): JSX.Element {
  if (needsKey(problem)) {
    return (
      <State icon="key" title={sentence(problem.detail)} isAlert>
        {adviceOn(problem)}
        <KeyForm scope="operate" onSet={onRetry} />
      </State>
    );
  }
  const retry = (
    <Button icon="refresh" onClick={onRetry}>
      Try now
    </Button>
  );
  return (
    <State icon="bad" tone="bad" title={sentence(problem.detail)} isAlert actions={retry}>
      {adviceOn(problem)}
    </State>
  );
}
