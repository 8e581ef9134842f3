/**
 * Imports one embedded index into another, and says before each write how many records it sends:
 * `node run-import.js <source file> <target file> <settings of both> <directory of the ledger>`.
 */
import { writeSync } from "node:fs";
import { EmbeddedRequester, VectorIndex } from "../../../dist/embedded/index.js";
import { importRecords } from "../../../dist/migration/import/index.js";
import { Ledger } from "../../../dist/migration/ledger/index.js";
import { StoreSource } from "../../../dist/migration/store-source.js";
import { UpstashStore } from "../../../dist/store/upstash.js";

const [sourcePath, targetPath, settingsText, directory] = process.argv.slice(2);

function open(path) {
  const index = VectorIndex.open({ path, settings: JSON.parse(settingsText) });
  const requester = new EmbeddedRequester(index);
  return new UpstashStore({ name: "embedded", requester, close: () => index.close() });
}

class TellingStore extends UpstashStore {
  async upsertRecords(records, options) {
    writeSync(1, `send ${records.length}\n`);
    await super.upsertRecords(records, options);
  }
}

const source = new StoreSource({ store: open(sourcePath) });
const index = VectorIndex.open({ path: targetPath, settings: JSON.parse(settingsText) });
const store = new TellingStore({ name: "embedded", requester: new EmbeddedRequester(index) });
const ledger = Ledger.open({
  directory,
  name: "kill",
  identity: { source: sourcePath, target: targetPath, namespace: "", embedding: "carried", template: "" },
});
const report = await importRecords({
  source,
  target: { store, namespace: "", embedding: "carried" },
  ledger,
  settings: { concurrency: 1, maximumBatch: 100 },
});
ledger.close();
index.close();
await source.close();
writeSync(1, `end ${report.outcome}\n`);
