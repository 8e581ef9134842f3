import { createHash } from "node:crypto";
import type { DriftBaseline, DriftRecord, DriftRepository } from "../../state/drift.ts";
import type { CallOptions } from "../../store/store.ts";
import { DriftError } from "./drift-error.ts";
import { pinnedTexts } from "./pinned-texts.ts";
import type { DriftProbe } from "./probe.ts";

/**
 * Largest change of a similarity that counts as the same model. Rounding to float16 on other hardware moves a cosine by
 * about 0.001; vectors of another model, or of a shortened text, move some of them by more than 0.1. Our choice
 * between.
 */
const defaultDriftThreshold = 0.01;

export interface CheckDriftOptions extends CallOptions {
  readonly probe: DriftProbe;
  readonly repository: DriftRepository;
  /** Above 0. Default 0.01. */
  readonly threshold?: number;
  /** Replaces the baseline by what the model does now. */
  readonly reset?: boolean;
}

/** A pinned text whose similarities have changed most. */
interface ChangedText {
  readonly text: string;
  readonly change: number;
}

/** Result of a check; plain JSON but for its times, which are milliseconds since 1970. */
export interface DriftResult extends DriftRecord {
  readonly model: string;
  readonly recordedAt: number;
  readonly threshold: number;
  /** Texts that changed by more than the threshold, the largest change first. */
  readonly changed: readonly ChangedText[];
}

/**
 * Compares how a model embeds the pinned texts with how it did at the first check (OPS-10). The first check records.
 *
 * @throws {DriftError} if nothing can be compared
 * @throws {ServiceError | StorageError} if the model or the index does not answer
 * @throws {StateError}
 */
export async function checkDrift(options: CheckDriftOptions): Promise<DriftResult> {
  const { probe, repository, threshold = defaultDriftThreshold, reset = false, signal } = options;
  const call = { signal };
  const { subject } = probe;
  const model = await probe.model(call);
  const baseline = reset ? undefined : await repository.baseline(subject);
  const keep = async (record: Omit<DriftRecord, "checkedAt" | "subject">, recordedAt: number) => {
    const kept = await repository.addCheck({ subject, ...record });
    return { ...kept, model, recordedAt, threshold, changed: [] };
  };
  if (baseline === undefined) {
    const { recordedAt } = await recordBaseline(options, model, call);
    const sentence = `The baseline of ${model} is recorded; the next check compares with it.`;
    return await keep({ outcome: "recorded", largestChange: undefined, sentence }, recordedAt);
  }
  requireSameTexts(baseline);
  if (baseline.model !== model) {
    const sentence = `The model is ${model} now; the baseline was made with ${baseline.model}.`;
    return await keep({ outcome: "drifted", largestChange: undefined, sentence }, baseline.recordedAt);
  }
  const changes = changesOf(
    baseline.similarities,
    await probe.similarities(pinnedTexts, baseline.vectors, call),
  );
  const [largest] = changes;
  const largestChange = largest?.change ?? 0;
  const isSteady = largestChange <= threshold;
  const since = new Date(baseline.recordedAt).toISOString().slice(0, 10);
  const sentence = isSteady
    ? `${model} embeds as on ${since}: similarities changed by ${largestChange.toFixed(4)} at most.`
    : `${model} embeds differently from ${since}: a similarity changed by ${largestChange.toFixed(4)}, more than ${threshold}.`;
  const outcome = isSteady ? "steady" : "drifted";
  const result = await keep({ outcome, largestChange, sentence }, baseline.recordedAt);
  return { ...result, changed: changes.filter(({ change }) => change > threshold) };
}

async function recordBaseline(
  { probe, repository, reset = false }: CheckDriftOptions,
  model: string,
  call: CallOptions,
): Promise<DriftBaseline> {
  const vectors = await probe.record(pinnedTexts, call);
  const similarities = await probe.similarities(pinnedTexts, vectors, call);
  if (reset) await repository.forget(probe.subject);
  return await repository.record({ subject: probe.subject, model, textsHash, vectors, similarities });
}

const textsHash = createHash("sha256").update(JSON.stringify(pinnedTexts)).digest("hex");

/** @throws {DriftError} */
function requireSameTexts(baseline: DriftBaseline): void {
  if (baseline.textsHash === textsHash) return;
  throw new DriftError("The baseline was made with other texts, by another version of ragfood.");
}

/** By text, the largest change of its similarities; the largest first. */
function changesOf(
  before: DriftBaseline["similarities"],
  now: readonly (readonly number[])[],
): ChangedText[] {
  return pinnedTexts
    .map((text, row) => {
      const changes = (now[row] ?? []).map((value, column) =>
        Math.abs(value - (before[row]?.[column] ?? Number.NaN)),
      );
      return { text, change: Math.max(...changes) };
    })
    .sort((left, right) => right.change - left.change);
}
