#!/usr/bin/env node
// Imports nothing before the check: an old Node.js fails at the first name that its modules do not export.

/** As `engines` of package.json states. */
const required = { major: 20, minor: 19 } as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > required.major || (major === required.major && minor >= required.minor)) {
  void import("./program.ts");
} else {
  process.stderr.write(
    `Error: ragfood needs Node.js ${required.major}.${required.minor} or later; this is ${process.versions.node}.\nInstall a current version from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
}
