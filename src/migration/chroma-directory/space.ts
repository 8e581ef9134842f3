/** How Chroma compares the vectors of a collection: squared Euclidean distance, cosine, inner product. */
type DistanceSpace = "l2" | "cosine" | "ip";

export interface FoundSpace {
  readonly space: DistanceSpace;
  /** `schema`, `collection metadata`, `configuration`, `segment metadata`, or `default`. */
  readonly foundIn: string;
  /** Other places that name another space; Chroma ignores them. */
  readonly contradictedBy: readonly string[];
}

interface SpaceEvidence {
  /** `schema_str` of the collection, parsed. */
  readonly schema: unknown;
  /** `hnsw:space` of the collection's metadata. */
  readonly collectionMetadata: unknown;
  /** `config_json_str` of the collection, parsed. */
  readonly configuration: unknown;
  /** `hnsw:space` of the vector segment's metadata. */
  readonly segmentMetadata: unknown;
}

const spaces: readonly DistanceSpace[] = ["l2", "cosine", "ip"];

/**
 * The distance space of a collection. Several places may name one, and the first of these counts: versions 0.5
 * and 0.6 write `l2` into the configuration of every collection, regardless of its actual space.
 *
 * @returns `undefined` when the place that counts names a space that Chroma does not have
 */
export function findSpace({
  schema,
  collectionMetadata,
  configuration,
  segmentMetadata,
}: SpaceEvidence): FoundSpace | undefined {
  const places: [place: string, value: unknown][] = [
    ["schema", dig(schema, "keys", "#embedding", "float_list", "vector_index", "config", "space")],
    ["collection metadata", collectionMetadata],
    [
      "configuration",
      dig(configuration, "vector_index", "hnsw", "space") ??
        dig(configuration, "hnsw", "space") ??
        dig(configuration, "hnsw_configuration", "space"),
    ],
    ["segment metadata", segmentMetadata],
  ];
  const named = places.filter(([, value]) => value !== undefined && value !== null);
  const [first] = named;
  if (first === undefined) return { space: "l2", foundIn: "default", contradictedBy: [] };
  const [foundIn, value] = first;
  const space = spaces.find((candidate) => candidate === value);
  if (space === undefined) return undefined;
  return {
    space,
    foundIn,
    contradictedBy: named
      .filter(([, other]) => other !== value)
      .map(([place, other]) => `${place}: ${other}`),
  };
}

/** The value below these keys, one inside the other; `undefined` if one is missing. */
export function dig(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}
