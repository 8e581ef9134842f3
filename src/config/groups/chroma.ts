import { optional, text, token, url, type Variables } from "../variables.ts";

/** The former system. */
export interface ChromaSettings {
  readonly url: string;
  readonly collection: string;
  readonly tenant: string | undefined;
  readonly database: string | undefined;
  readonly token: string | undefined;
}

export interface ChromaVariables {
  readonly CHROMA_URL?: string | undefined;
  readonly CHROMA_COLLECTION?: string | undefined;
  readonly CHROMA_TENANT?: string | undefined;
  readonly CHROMA_DATABASE?: string | undefined;
  readonly CHROMA_TOKEN?: string | undefined;
}

export const chromaVariables: Variables<ChromaVariables> = {
  CHROMA_URL: optional(url("http://127.0.0.1:8000")),
  CHROMA_COLLECTION: optional(
    text.regex(
      /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]$/,
      "has to be 3 to 512 letters, digits, dots, dashes or underscores",
    ),
  ),
  CHROMA_TENANT: optional(text),
  CHROMA_DATABASE: optional(text),
  CHROMA_TOKEN: optional(token),
};

export function chromaOf(values: ChromaVariables): ChromaSettings {
  return {
    url: values.CHROMA_URL ?? "http://127.0.0.1:8000",
    collection: values.CHROMA_COLLECTION ?? "foods",
    tenant: values.CHROMA_TENANT,
    database: values.CHROMA_DATABASE,
    token: values.CHROMA_TOKEN,
  };
}
