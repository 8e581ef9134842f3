import type { JSX } from "preact";
import { Meter } from "../../components/meter.tsx";
import type { SparseVector } from "../api/records.ts";
import { bucketsOf, normOf } from "./vector-math.ts";
import "./vector-plot.css";

const slices = 180;
const height = 56;

/** A dense vector as a skyline around zero, with its norm. */
export function DensePlot({ vector }: { readonly vector: readonly number[] }): JSX.Element {
  const buckets = bucketsOf(vector, slices);
  const peak = Math.max(...buckets.map(({ low, high }) => Math.max(-low, high)), Number.MIN_VALUE);
  const y = (value: number) => height / 2 - (value / peak) * (height / 2 - 1);
  const path = buckets
    .map(({ low, high }, place) => `M${place + 0.5} ${y(Math.max(high, 0))}V${y(Math.min(low, 0)) + 0.5}`)
    .join("");
  const norm = normOf(vector);
  const range = `${signed(Math.min(...vector))} to ${signed(Math.max(...vector))}`;
  const words = `${vector.length.toLocaleString("en")} dimensions, norm ${norm.toFixed(4)}, from ${range}`;
  return (
    <figure class="vector">
      <svg
        class="vector-plot"
        viewBox={`0 0 ${buckets.length} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Dense vector: ${words}`}
      >
        <path class="vector-zero" d={`M0 ${height / 2}H${buckets.length}`} />
        <path class="vector-bars" d={path} />
      </svg>
      <figcaption class="vector-facts">
        <Fact name="Dimensions" value={vector.length.toLocaleString("en")} />
        <Fact name="Norm" value={norm.toFixed(4)} />
        <Fact name="Range" value={range} />
      </figcaption>
    </figure>
  );
}

function signed(value: number): string {
  return value.toFixed(4).replace("-", "−");
}

const termsShown = 8;

/** The heaviest terms of a sparse vector, with its norm. */
export function SparsePlot({ vector }: { readonly vector: SparseVector }): JSX.Element {
  const terms = vector.indices
    .map((index, place) => ({ index, value: vector.values[place] ?? 0 }))
    .sort((left, right) => right.value - left.value);
  const peak = terms[0]?.value ?? 1;
  return (
    <figure class="vector">
      <ol class="vector-terms" aria-label="Heaviest terms">
        {terms.slice(0, termsShown).map(({ index, value }) => (
          <li key={index} class="vector-term">
            <code>{index}</code>
            <Meter share={value / peak} />
            <span class="vector-weight">{value.toFixed(4)}</span>
          </li>
        ))}
      </ol>
      <figcaption class="vector-facts">
        <Fact name="Terms" value={terms.length.toLocaleString("en")} />
        <Fact name="Norm" value={normOf(vector.values).toFixed(4)} />
        {terms.length > termsShown && <Fact name="Shown" value={`${termsShown} heaviest`} />}
      </figcaption>
    </figure>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <span class="vector-fact">
      <span>{name}</span> <strong>{value}</strong>
    </span>
  );
}
