import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { project } from "../helpers/project.ts";
import { main } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

/** `script` of util-linux runs a command on a separate terminal. */
const hasScript = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;

/** A chat on a terminal that a person types into. */
function startChat() {
  const { directory } = project("GENERATOR=extractive\n");
  const pidFile = join(directory, "pid");
  const note = `import{writeFileSync}from"node:fs";writeFileSync(${JSON.stringify(pidFile)},String(process.pid))`;
  const child = spawn("script", ["-qec", `exec ${process.execPath} ${main} chat`, "/dev/null"], {
    cwd: directory,
    env: {
      PATH: process.env.PATH ?? "",
      TERM: "xterm",
      OLLAMA_HOST: "127.0.0.1:9",
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(note)}`,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let shown = "";
  child.stdout.on("data", (piece: Buffer) => {
    shown += piece.toString();
  });
  const appears = (text: string) =>
    new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!shown.includes(text)) return;
        clearInterval(look);
        resolve();
      }, 20);
    });
  return {
    appears,
    type: (text: string) => void child.stdin.write(text),
    signal: (name: NodeJS.Signals) => process.kill(Number(readFileSync(pidFile, "utf8")), name),
    exit: new Promise<number | null>((resolve) => void child.on("close", resolve)),
    shown: () => shown,
  };
}

describe.skipIf(!hasScript)("chat on a terminal", () => {
  it("explains itself with help, and ends with bye", async () => {
    const chat = startChat();
    await chat.appears("> ");
    chat.type("help\r");
    await chat.appears("exit, quit, bye or Ctrl-D ends the chat");
    chat.type("bye\r");
    expect(await chat.exit).toBe(0);
  });

  it("ends at Ctrl-C with 130 and a new line", async () => {
    const chat = startChat();
    await chat.appears("> ");
    chat.type("\u0003");
    expect(await chat.exit).toBe(130);
    expect(chat.shown()).toMatch(/> [^\n]*\n$/);
  });

  // On a busy machine the key can arrive while the terminal changes its mode, and is then lost.
  it("prompts again after Ctrl-Z and fg (R10)", { retry: 2 }, async () => {
    const chat = startChat();
    await chat.appears("> ");
    chat.signal("SIGSTOP");
    chat.signal("SIGCONT");
    chat.type("\u001a");
    // On a busy machine it stops some time after the key; a process that runs ignores the signal.
    const going = setInterval(() => chat.signal("SIGCONT"), 200);
    onTestFinished(() => clearInterval(going));
    await new Promise((resolve) => setTimeout(resolve, 500));
    chat.type("Which curry is fiery?\r");
    await chat.appears("Vindaloo is a fiery curry");
    chat.type("exit\r");
    expect(await chat.exit).toBe(0);
  });
});

it.each(["exit", "quit", "bye", "BYE"])("%s ends a chat of piped lines", async (word) => {
  const { directory } = project();
  const { code, out } = await runHere(["chat"], { directory, input: `${word}\nWhich curry is fiery?\n` });
  expect({ code, out }).toEqual({ code: 0, out: "" });
});
