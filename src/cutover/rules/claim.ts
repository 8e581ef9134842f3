import { type Claim, type CutoverRows, type RecordKey, wholeNamespace } from "../../state/cutover/rows.ts";
import { isWhole } from "./namespace.ts";
import { keyText, type Protocol } from "./protocol.ts";

/**
 * Rule 3: takes the keys that no live claim covers. Rule 16: a claim on a namespace covers its records, and waits
 * for theirs. @returns those
 */
export async function takeClaims<Key extends RecordKey>(
  protocol: Protocol,
  rows: CutoverRows,
  owner: string,
  keys: readonly Key[],
): Promise<Key[]> {
  const { guards, timing } = protocol;
  const now = await rows.now();
  const claims = await claimsByKey(rows, keys);
  const excluded = await excludedNamespaces(protocol, rows, keys);
  const free: Key[] = [];
  const taken = new Set<string>();
  for (const key of keys) {
    const isExcluded = isWhole(key)
      ? excluded.wholes.has(key.namespace) || taken.has(key.namespace)
      : excluded.records.has(key.namespace);
    if (isExcluded || !guards.mayClaim(claims.get(keyText(key)), now)) continue;
    free.push(key);
    taken.add(key.namespace);
    if (isWhole(key)) excluded.records.add(key.namespace);
  }
  await rows.saveClaims(
    free.map(({ namespace, id }) => ({
      namespace,
      id,
      owner,
      expires: now + timing.claimLeaseMs,
      attempts: claims.get(keyText({ namespace, id }))?.attempts ?? 0,
      retryAt: 0,
      reason: claims.get(keyText({ namespace, id }))?.reason ?? "",
    })),
  );
  return free;
}

/** Rule 16: namespaces whose records, and namespaces that as a whole, nobody may claim. */
async function excludedNamespaces(
  { guards }: Protocol,
  rows: CutoverRows,
  keys: readonly RecordKey[],
): Promise<{ records: Set<string>; wholes: Set<string> }> {
  const now = await rows.now();
  const names = [...new Set(keys.map(({ namespace }) => namespace))];
  const claims = await rows.claimsOf(names.map((namespace) => ({ namespace, id: wholeNamespace })));
  const records = claims.filter((claim) => guards.namespaceExcludes(!guards.mayClaim(claim, now)));
  const wholes: string[] = [];
  for (const { namespace } of keys.filter(isWhole)) {
    if (guards.namespaceExcludes(await rows.hasLiveClaim(now, namespace))) wholes.push(namespace);
  }
  return { records: new Set(records.map(({ namespace }) => namespace)), wholes: new Set(wholes) };
}

/** The items whose key this owner holds a live claim on. */
export async function owned<Key extends RecordKey>(
  { guards }: Protocol,
  rows: CutoverRows,
  owner: string,
  items: readonly Key[],
): Promise<Key[]> {
  const now = await rows.now();
  const claims = await claimsByKey(rows, items);
  return items.filter((item) => guards.ownsClaim(claims.get(keyText(item)), owner, now));
}

/** Rule 3, known outcome: gives up claims, for another attempt after a pause. */
export function releaseClaims(
  { transaction, timing }: Protocol,
  owner: string,
  keys: readonly RecordKey[],
  failure?: string,
): Promise<void> {
  return transaction(async (rows) => {
    const now = await rows.now();
    const own = (await rows.claimsOf(keys)).filter((claim) => claim.owner === owner);
    if (failure === undefined) return rows.removeClaims(own);
    await rows.saveClaims(
      own.map((claim) => ({
        ...claim,
        owner: "",
        expires: 0,
        attempts: claim.attempts + 1,
        retryAt: now + pauseMs(claim.attempts, timing.claimLeaseMs),
        reason: failure,
      })),
    );
  });
}

/** A hundredth of a claim's lease, doubled with each attempt, up to the lease. */
function pauseMs(attempts: number, leaseMs: number): number {
  return Math.ceil(Math.min((leaseMs / 100) * 2 ** Math.min(attempts, 10), leaseMs));
}

async function claimsByKey(rows: CutoverRows, keys: readonly RecordKey[]): Promise<Map<string, Claim>> {
  return new Map((await rows.claimsOf(keys)).map((claim) => [keyText(claim), claim]));
}
