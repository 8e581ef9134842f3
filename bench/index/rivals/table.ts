/** The columns of the table, in order. */
export const measures = {
  rowsPerSecond: { title: "ingest rows/s", better: "more", digits: 0 },
  buildSeconds: { title: "build s", better: "less", digits: 1 },
  median: { title: "p50 ms", better: "less", digits: 2 },
  slow: { title: "p99 ms", better: "less", digits: 2 },
  cpu: { title: "CPU ms", better: "less", digits: 2 },
  recall: { title: "recall@10", better: "more", digits: 4 },
  tenthMedian: { title: "10 % p50 ms", better: "less", digits: 2 },
  tenthRecall: { title: "10 % recall", better: "more", digits: 4 },
  hundredthMedian: { title: "1 % p50 ms", better: "less", digits: 2 },
  hundredthRecall: { title: "1 % recall", better: "more", digits: 4 },
  resident: { title: "resident MB", better: "less", digits: 0 },
  anonymous: { title: "of it anonymous", better: "less", digits: 0 },
  disk: { title: "disk MB", better: "less", digits: 0 },
  coldOpen: { title: "open ms", better: "less", digits: 0 },
  upsert: { title: "one upsert ms", better: "less", digits: 2 },
  queryAfterUpsert: { title: "query after it ms", better: "less", digits: 2 },
} as const;

export type Measure = keyof typeof measures;
export type Figures = Partial<Record<Measure, number>>;

export function printTable(figures: ReadonlyMap<string, Figures>): void {
  const names = Object.keys(measures) as Measure[];
  line(["", ...names.map((name) => measures[name].title)]);
  line(["---", ...names.map(() => "---:")]);
  for (const [participant, of] of figures) line([participant, ...names.map((name) => text(name, of[name]))]);
}

/** In what each rival is better than, or as good as, the index that it is compared with. */
export function printWhereOthersLead(figures: ReadonlyMap<string, Figures>, ours: string): void {
  const own = figures.get(ours);
  if (own === undefined) return;
  for (const [participant, of] of figures) {
    if (participant.startsWith(ours)) continue;
    const leads: string[] = [];
    for (const name of Object.keys(measures) as Measure[]) {
      const [left, right] = [own[name], of[name]];
      if (left === undefined || right === undefined || Number.isNaN(right)) continue;
      const isBetter = measures[name].better === "more" ? left > right : left < right;
      if (isBetter || text(name, left) === text(name, right)) continue;
      leads.push(`${measures[name].title} ${text(name, right)} against ${text(name, left)}`);
    }
    console.log(`${participant} is better in: ${leads.join("; ") || "nothing measured here"}.`);
  }
}

function text(name: Measure, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value.toFixed(measures[name].digits);
}

function line(cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
