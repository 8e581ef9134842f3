import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";

/**
 * Runs a script that kills itself by SIGKILL, and prints a dot for each acknowledged write.
 * @returns how many writes were acknowledged before the process was dead
 */
export function die(script: string, options: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let acknowledged = 0;
    child.stdout.on("data", (dots: Buffer) => {
      acknowledged += dots.length;
    });
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(acknowledged);
      else reject(new Error(`It ended with ${code ?? signal} and did not die: ${JSON.stringify(options)}`));
    });
  });
}
