import { type Group, optional, text, token, url, type Values } from "../variables.ts";

export const defaultChromaUrl = "http://127.0.0.1:8000";

export interface ChromaSettings {
  /** The former system. */
  readonly chroma: {
    readonly url: string;
    readonly collection: string;
    readonly tenant: string | undefined;
    readonly database: string | undefined;
    readonly token: string | undefined;
  };
}

const variables = {
  CHROMA_URL: optional(url(defaultChromaUrl)),
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

export const chromaGroup: Group<ChromaSettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    chroma: {
      url: values.CHROMA_URL ?? defaultChromaUrl,
      collection: values.CHROMA_COLLECTION ?? "foods",
      tenant: values.CHROMA_TENANT,
      database: values.CHROMA_DATABASE,
      token: values.CHROMA_TOKEN,
    },
  }),
};
