import { z } from "zod";
import { type Group, optional, token, url } from "../variables.ts";

export interface StoreSettings {
  /** Where questions go and data is ingested. */
  readonly store: "upstash" | "embedded" | "chroma";
  /** The cloud index, if its credentials are set. */
  readonly upstash: CloudSettings | undefined;
}

interface CloudSettings {
  readonly url: string;
  readonly token: string;
  readonly readOnlyToken: string | undefined;
}

const variables = {
  STORE: optional(z.enum(["upstash", "embedded", "chroma"], "has to be upstash, embedded or chroma")),
  UPSTASH_VECTOR_REST_URL: optional(url("https://example-eu1-vector.upstash.io")),
  UPSTASH_VECTOR_REST_TOKEN: optional(token),
  UPSTASH_VECTOR_REST_READONLY_TOKEN: optional(token),
};

/** Read by other groups too. */
export interface StoreVariables {
  readonly STORE: StoreSettings["store"] | undefined;
  readonly UPSTASH_VECTOR_REST_URL: string | undefined;
  readonly UPSTASH_VECTOR_REST_TOKEN: string | undefined;
  readonly UPSTASH_VECTOR_REST_READONLY_TOKEN: string | undefined;
}

export const storeGroup: Group<StoreSettings> = {
  variables,
  read: (values: StoreVariables) => ({ store: storeOf(values), upstash: cloudOf(values) }),
  faults: credentialFaults,
};

/** Without a choice, the cloud where its credentials are set. */
export function storeOf(values: StoreVariables): StoreSettings["store"] {
  return values.STORE ?? (values.UPSTASH_VECTOR_REST_URL === undefined ? "embedded" : "upstash");
}

function cloudOf(values: StoreVariables): CloudSettings | undefined {
  const { UPSTASH_VECTOR_REST_URL: address, UPSTASH_VECTOR_REST_TOKEN: fullToken } = values;
  if (!address || !fullToken) return undefined;
  return { url: address, token: fullToken, readOnlyToken: values.UPSTASH_VECTOR_REST_READONLY_TOKEN };
}

function credentialFaults(values: StoreVariables): string[] {
  const { STORE: store, UPSTASH_VECTOR_REST_URL: address, UPSTASH_VECTOR_REST_TOKEN: fullToken } = values;
  if (address !== undefined && fullToken === undefined) {
    return ["UPSTASH_VECTOR_REST_TOKEN is missing: UPSTASH_VECTOR_REST_URL is set and needs it"];
  }
  if (
    address === undefined &&
    (fullToken !== undefined || values.UPSTASH_VECTOR_REST_READONLY_TOKEN !== undefined)
  ) {
    return ["UPSTASH_VECTOR_REST_URL is missing: a token is set and needs it"];
  }
  if (store === "upstash" && address === undefined) {
    return ["UPSTASH_VECTOR_REST_URL is missing: STORE=upstash needs it"];
  }
  return [];
}
