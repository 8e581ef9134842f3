/** How a collection measures distance: squared Euclidean, 1 − cosine, 1 − dot product. */
export type ChromaSpace = "l2" | "cosine" | "ip";

const spaces: readonly unknown[] = ["l2", "cosine", "ip"] satisfies ChromaSpace[];

/** The index in a collection's configuration, of either kind. */
interface IndexConfiguration {
  readonly hnsw?: { readonly space?: string | null } | null;
  readonly spann?: { readonly space?: string | null } | null;
}

/**
 * The space that a collection searches in. `hnsw:space` among its metadata comes first: for collections of
 * Chroma 0.4 to 0.6 the configuration always says `l2`. Chroma's own default is L2.
 */
export function spaceOf(
  metadata: Readonly<Record<string, unknown>> | undefined,
  configuration: IndexConfiguration,
): ChromaSpace {
  const said = [metadata?.["hnsw:space"], configuration.hnsw?.space, configuration.spann?.space];
  return (said.find((space) => spaces.includes(space)) as ChromaSpace | undefined) ?? "l2";
}

/** The space in Upstash Vector's words. */
export function similarityOf(space: ChromaSpace): "COSINE" | "EUCLIDEAN" | "DOT_PRODUCT" {
  return ({ l2: "EUCLIDEAN", cosine: "COSINE", ip: "DOT_PRODUCT" } as const)[space];
}

/**
 * A distance of Chroma as a score of Upstash Vector (similarityfunctions.mdx), in float32: `1/(1+d²)` for L2,
 * which Chroma gives squared, and `(1+s)/2` for cosine and dot product, which it gives as `1−s`.
 */
export function scoreOf(distance: number, space: ChromaSpace): number {
  if (space === "l2") return Math.fround(1 / (1 + Math.max(0, distance)));
  const score = 1 - distance / 2;
  return Math.fround(space === "cosine" ? Math.min(1, Math.max(0, score)) : score);
}
