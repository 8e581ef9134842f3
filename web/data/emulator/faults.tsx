import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { FaultSettings } from "../../../src/embedded/fault-settings.ts";
import { Panel } from "../../components/panel.tsx";
import { State } from "../../components/state.tsx";
import { Switch } from "../../components/switch.tsx";
import type { OpenedIndex } from "../api/session.ts";
import "../../components/field.css";
import "./faults.css";

type NumberFault = Exclude<keyof FaultSettings, "isDown" | "isReadOnly">;

interface Described {
  readonly id: NumberFault;
  readonly name: string;
  readonly unit: string;
  readonly effect: string;
  /** The value when it is switched on. */
  readonly usual: number;
}

const numberFaults: readonly Described[] = [
  { id: "latencyMs", name: "Latency", unit: "ms", effect: "Every answer is delayed.", usual: 300 },
  {
    id: "indexingDelayMs",
    name: "Indexing delay",
    unit: "ms",
    effect: "Queries find a record this long after its write.",
    usual: 2_000,
  },
  {
    id: "requestsPerSecond",
    name: "Rate limit",
    unit: "requests/s",
    effect: "More are answered with 429 and Retry-After.",
    usual: 5,
  },
  {
    id: "dailyWrites",
    name: "Daily writes",
    unit: "records",
    effect: "Beyond them, 403 until 00:00 UTC.",
    usual: 1_000,
  },
  {
    id: "dailyQueries",
    name: "Daily queries",
    unit: "queries",
    effect: "Beyond them, 403 until 00:00 UTC.",
    usual: 1_000,
  },
];

/** The simulated faults of an index as switches. */
export function Faults({ index }: { readonly index: OpenedIndex }): JSX.Element {
  const [settings, setSettings] = useState<FaultSettings | undefined>();
  const [problem, setProblem] = useState<string | undefined>();
  const change = (faults: Partial<FaultSettings>) => {
    setProblem(undefined);
    index.api
      .call<FaultSettings>("emulator-faults", faults)
      .then(setSettings, (error: Error) => setProblem(error.message));
  };
  const canWrite = index.access === "write";
  useEffect(() => {
    setSettings(undefined);
    if (!canWrite) return;
    const read = () => change({});
    read();
    // Programs and other windows switch them too.
    addEventListener("focus", read);
    return () => removeEventListener("focus", read);
  }, [index]);

  if (!canWrite) {
    return (
      <Panel title="Simulated faults">
        <State icon="key" title="The full token is needed">
          This token is read-only. Add the full token of the index to switch faults on.
        </State>
      </Panel>
    );
  }
  return (
    <Panel title="Simulated faults" aside="for every client of this index">
      <div class="faults">
        <div class={`fault ${settings?.isDown ? "fault-on" : ""}`}>
          <Switch
            label="Outage"
            isOn={settings?.isDown ?? false}
            isDisabled={settings === undefined}
            onChange={(isDown) => change({ isDown })}
          />
          <p class="fault-effect">Every request is answered with 503. This page cannot read either.</p>
        </div>
        <div class={`fault ${settings?.isReadOnly ? "fault-on" : ""}`}>
          <Switch
            label="Read only"
            isOn={settings?.isReadOnly ?? false}
            isDisabled={settings === undefined}
            onChange={(isReadOnly) => change({ isReadOnly })}
          />
          <p class="fault-effect">Every write is answered with 403, as with the read-only token.</p>
        </div>
        {numberFaults.map((fault) => (
          <NumberFaultRow key={fault.id} fault={fault} value={settings?.[fault.id]} onChange={change} />
        ))}
      </div>
      <p class="faults-problem" role="alert">
        {problem}
      </p>
    </Panel>
  );
}

interface RowProps {
  readonly fault: Described;
  /** `undefined`: not known yet. */
  readonly value: number | undefined;
  readonly onChange: (change: Partial<FaultSettings>) => void;
}

function NumberFaultRow({ fault, value, onChange }: RowProps): JSX.Element {
  const { id, name, unit, effect, usual } = fault;
  const isOn = (value ?? 0) > 0;
  return (
    <div class={`fault ${isOn ? "fault-on" : ""}`}>
      <div class="fault-line">
        <Switch
          label={name}
          isOn={isOn}
          isDisabled={value === undefined}
          onChange={(turnsOn) => onChange({ [id]: turnsOn ? usual : 0 })}
        />
        <label class="fault-value">
          <span class="only-for-readers">{name} in</span>
          <input
            class="field"
            type="number"
            min={0}
            value={isOn ? value : usual}
            disabled={!isOn}
            onChange={(event) => {
              const number = event.currentTarget.valueAsNumber;
              if (Number.isInteger(number) && number >= 0) onChange({ [id]: number });
              else event.currentTarget.value = String(value);
            }}
          />
          <span class="fault-unit">{unit}</span>
        </label>
      </div>
      <p class="fault-effect">{effect}</p>
    </div>
  );
}
