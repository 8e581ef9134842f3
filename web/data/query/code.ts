import { writeCurl } from "./programs/curl.ts";
import { writeJavaScript } from "./programs/javascript.ts";
import type { ProgramWriter, Target } from "./programs/program.ts";
import { writePython } from "./programs/python.ts";
import type { IndexRequest } from "./request.ts";

export type CodeLanguage = "curl" | "JavaScript" | "Python";

export const codeLanguages: readonly CodeLanguage[] = ["curl", "JavaScript", "Python"];

const writers: Readonly<Record<CodeLanguage, ProgramWriter>> = {
  curl: writeCurl,
  JavaScript: writeJavaScript,
  Python: writePython,
};

/**
 * A program that gives what the page shows. It reads the token from the environment, and never holds it: code is
 * copied into chats and repositories.
 */
export function codeOf(language: CodeLanguage, request: IndexRequest, target: Target): string {
  return writers[language](request, target);
}
