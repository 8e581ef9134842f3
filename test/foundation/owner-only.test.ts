import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { VectorIndex } from "../../src/embedded/index.ts";
import { replaceFile } from "../../src/foundation/durable-file.ts";
import { openLogFile } from "../../src/operations/logs/log-file.ts";
import { privacyFindings } from "../../src/operations/rights-findings.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { dense } from "../helpers/index-settings.ts";
import { itUnless, onWindows } from "../helpers/obstacles.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

itUnless(onWindows, "what is stored belongs to its owner alone: state, index, log, files (SEC)", async () => {
  const directory = join(temporaryDirectory(), ".ragfood");
  const state = openSqliteState(join(directory, "state.sqlite3"));
  await state.transaction((session) => session.now());
  for (const name of ["state.sqlite3", "state.sqlite3-wal", "state.sqlite3-shm"]) {
    expect([name, rightsOf(join(directory, name))]).toEqual([name, "600"]);
  }
  await state.close();
  VectorIndex.open({ path: join(directory, "index.sqlite"), settings: dense }).close();
  expect(rightsOf(join(directory, "index.sqlite"))).toBe("600");
  const log = await openLogFile({
    path: join(directory, "logs", "a.log"),
    megabytes: 1,
    kept: 1,
    onHealth: () => {},
  });
  log.write("line\n");
  await log.close();
  expect(rightsOf(join(directory, "logs"))).toBe("700");
  expect(rightsOf(join(directory, "logs", "a.1.log"))).toBe("600");
  replaceFile(join(directory, "new.json"), "{}");
  expect(rightsOf(join(directory, "new.json"))).toBe("600");
  expect(rightsOf(directory)).toBe("700");
  // Rights that a person gave stay.
  chmodSync(join(directory, "new.json"), 0o640);
  replaceFile(join(directory, "new.json"), "[]");
  expect(rightsOf(join(directory, "new.json"))).toBe("640");
});

itUnless(onWindows, "the doctor names what other users can read, and archives that are not encrypted", () => {
  const parent = temporaryDirectory();
  const place = join(parent, "backups");
  const found = () =>
    Array.from(
      privacyFindings({
        places: [place, join(parent, "none")],
        backupDirectory: place,
        areBackupsEncrypted: false,
      }),
    );
  expect(found()).toMatchObject([{ code: "file-rights", level: "fact" }]);
  mkdirSync(place);
  writeFileSync(join(place, "records-1.tar.gz"), "");
  chmodSync(place, 0o755);
  chmodSync(join(place, "records-1.tar.gz"), 0o644);
  expect(found()).toMatchObject([
    {
      level: "warning",
      message: `File rights: other users of this machine can read ${place}`,
      hint: `Run: chmod -R go-rwx ${place}`,
    },
    { code: "backup-encryption", level: "warning" },
  ]);
  chmodSync(place, 0o700);
  expect(found()[0]?.level).toBe("fact");
});
