import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { runChat } from "../../src/cli/commands/chat.ts";
import { chat } from "../../src/cli/definitions/chat.ts";
import { parseWords } from "../../src/cli/parse.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { CancelledError } from "../../src/foundation/errors.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

it("a chat that Ctrl-C ends between two questions does not end as if it were done", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "foods.json"), JSON.stringify(sampleFoods));
  const input = new PassThrough();
  const controller = new AbortController();
  const stream = (write: (text: string) => unknown) => ({ write }) as unknown as NodeJS.WriteStream;
  const terminal = new Terminal({
    // The footer is the last that an answer prints.
    out: stream((text) => text.includes("total") && setImmediate(() => controller.abort())),
    error: stream(() => {}),
    useColor: false,
  });
  input.write("Which curry is fiery?\n");
  const chatting = runChat(parseWords([], chat), {
    terminal,
    environment: {
      JSON_FILE: join(directory, "foods.json"),
      RAGFOOD_DIR: join(directory, "index"),
      GENERATOR: "extractive",
    },
    signal: controller.signal,
    pipedFiles: new Set(),
    version: "",
    input: input as unknown as NodeJS.ReadStream,
  });
  await expect(chatting).rejects.toThrow(CancelledError);
});
