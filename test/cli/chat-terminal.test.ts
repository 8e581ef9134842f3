import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { expect, it, onTestFinished } from "vitest";
import { describeUnless, unless } from "../helpers/obstacles.ts";
import { project } from "../helpers/project.ts";
import { main } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

/** `script` of util-linux runs a command on a separate terminal. */
const obstacle = unless(
  spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0,
  "no script of util-linux on this machine",
);

/**
 * A chat on a terminal that a person types into.
 * @param command runs it; `$CHAT` is the command line of the chat
 */
function startChat(command = "exec $CHAT") {
  const { directory } = project("GENERATOR=extractive\n");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: directory,
    env: {
      PATH: process.env.PATH ?? "",
      TERM: "xterm",
      SHELL: "/bin/sh",
      OLLAMA_HOST: "127.0.0.1:9",
      CHAT: `${process.execPath} ${main} chat`,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let shown = "";
  child.stdout.on("data", (piece: Buffer) => {
    shown += piece.toString();
  });
  /** Waits until the text is shown, after what the last call waited for. */
  let seen = 0;
  const appears = (text: string) =>
    new Promise<void>((resolve) => {
      const look = setInterval(() => {
        const at = shown.indexOf(text, seen);
        if (at < 0) return;
        seen = at + text.length;
        clearInterval(look);
        resolve();
      }, 20);
    });
  return {
    appears,
    type: (text: string) => void child.stdin.write(text),
    exit: new Promise<number | null>((resolve) => void child.on("close", resolve)),
    shown: () => shown,
  };
}

describeUnless(obstacle, "chat on a terminal", () => {
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

  // A shell with job control runs it: only there does Ctrl-Z stop a process. Nothing waits for a time, the shell
  // reports when the chat has stopped. (A signal to the chat itself would also stop `script`, which stops with its child.)
  it("prompts again after Ctrl-Z and fg", async () => {
    const chat = startChat('set -m; $CHAT; echo "status $?"; fg');
    await chat.appears("> ");
    chat.type("\u001a");
    await chat.appears(`status ${128 + constants.signals.SIGTSTP}`);
    await chat.appears("> ");
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
