import type { JSX } from "preact";
import { Badge } from "../components/badge.tsx";
import { age, time } from "../components/format.ts";
import { Panel } from "../components/panel.tsx";
import type { StoreStatus } from "../service/contract.ts";
import { sentence } from "../service/problem-error.ts";
import { toneOf, toneWord } from "./tone.ts";
import "./stores-panel.css";

interface StoresPanelProps {
  readonly stores: readonly StoreStatus[];
  readonly isLost: boolean;
  readonly now: number;
}

const breakers: Readonly<Record<StoreStatus["breaker"], string>> = {
  closed: "breaker closed",
  open: "breaker open: not asked at present",
  "half-open": "breaker half open: one request tries",
  none: "no breaker",
};

/** The stores behind the service: which one answers, and how the others are. */
export function StoresPanel({ stores, isLost, now }: StoresPanelProps): JSX.Element {
  return (
    <Panel title="Stores">
      <ul class="stores">
        {stores.map((store) => {
          const measured = { time: store.time, isStale: store.isStale || isLost };
          const isUnused = store.role === "unused";
          const tone = isUnused ? "neutral" : toneOf(store.condition, measured);
          return (
            <li key={store.name} class="store">
              <div class="store-head">
                <span class="store-name">{store.name}</span>
                <Badge tone={tone}>{isUnused ? "Not in use" : toneWord(tone, measured)}</Badge>
              </div>
              {!isUnused && <p class="store-duty">{sentence(store.duty)}</p>}
              <p class="store-line">
                {breakers[store.breaker]}
                {store.lastSuccess !== null && ` · last answer ${age(store.lastSuccess, now)}`}
              </p>
              {store.lastFailure !== null && (
                <p class="store-line">
                  last failure {time(store.lastFailure.time)}: it {store.lastFailure.what}
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
