import { randomUUID } from "node:crypto";
import { attempt } from "../../foundation/attempt.ts";
import { StorageError } from "../../foundation/errors.ts";
import type { IndexSettings } from "../settings.ts";
import { Connection } from "./connection.ts";
import { type SettingsRow, settingsAreIntact, settingsChecksum } from "./rows.ts";
import { damagedHint } from "./schema.ts";
import { requireKey } from "./text.ts";

/** The settings of an index as its file keeps them. */
export interface StoredSettings extends IndexSettings {
  /** The tokenizer that made the sparse vectors of texts. Missing: version 1. */
  readonly tokenizerVersion?: number;
  /** Another one in each new file: after a repair, a restore, or a file made again. Missing: a file of an earlier version. */
  readonly fileId?: string;
}

export interface NamespaceEntry {
  readonly namespace: number;
  readonly name: string;
  readonly recordCount: number;
}

/** The settings of an index, its namespaces, and the side files that belong to them. */
export class Catalog extends Connection {
  /** The settings that the index was created with; a new one is created with `wanted`, by the first to open it. */
  settle(wanted: StoredSettings): StoredSettings {
    const stored = this.guard(() => this.#settings());
    const write = () => this.transaction(() => this.#writeSettings(wanted));
    if (stored === undefined) return write();
    if (stored.fileId !== undefined || this.isReadOnly) return stored;
    // On a full disk, a file of an earlier version is still read.
    return attempt(write) ?? stored;
  }

  /** From now on this is another file to all who know it: its records may not be those that they left there. */
  renewFileId(): void {
    this.transaction(() => {
      const settings = this.#settings();
      if (settings) this.#replaceSettings({ ...settings, fileId: randomUUID() });
    });
  }

  #settings(): StoredSettings | undefined {
    const [row] = this.prepare(
      "SELECT name, value, checksum FROM settings",
    ).all() as unknown as SettingsRow[];
    if (row === undefined) return undefined;
    if (!settingsAreIntact(row)) {
      throw new StorageError(this.path, `The index at ${this.path}: its settings are not what was written.`, {
        hint: damagedHint,
      });
    }
    return JSON.parse(row.value) as StoredSettings;
  }

  #writeSettings(wanted: StoredSettings): StoredSettings {
    const stored = this.#settings();
    if (stored?.fileId !== undefined) return stored;
    return this.#replaceSettings({ ...(stored ?? wanted), fileId: randomUUID() });
  }

  #replaceSettings(settings: StoredSettings): StoredSettings {
    const row = { name: "index", value: JSON.stringify(settings) };
    this.prepare("INSERT OR REPLACE INTO settings (name, value, checksum) VALUES (?, ?, ?)").run(
      row.name,
      row.value,
      settingsChecksum(row),
    );
    return settings;
  }

  /** From now on the sparse vectors of texts are those of this version of the tokenizer. */
  writeTokenizerVersion(tokenizerVersion: number): void {
    this.transaction(() => {
      const settings = this.#settings();
      if (settings) this.#replaceSettings({ ...settings, tokenizerVersion });
    });
  }

  /** The number of a namespace, `undefined` if it does not exist. */
  findNamespace(name: string): number | undefined {
    const row = this.get("SELECT namespace FROM namespaces WHERE name = ?", requireKey("namespace", name));
    return (row as { namespace: number } | undefined)?.namespace;
  }

  /** All namespaces, by name; the default namespace `""` is the first. */
  listNamespaces(): NamespaceEntry[] {
    return this.guard(() => {
      const rows = this.prepare(
        "SELECT namespace, name, record_count AS recordCount FROM namespaces ORDER BY name",
      ).all();
      return rows as unknown as NamespaceEntry[];
    });
  }

  countNamespaces(): number {
    return (this.get("SELECT count(*) AS count FROM namespaces") as { count: number }).count;
  }

  /** Records of an existing namespace. */
  recordCount(namespace: number): number {
    const row = this.get("SELECT record_count AS count FROM namespaces WHERE namespace = ?", namespace);
    return (row as { count: number }).count;
  }

  /** The token of the side file that belongs to a namespace; `undefined` if it has no side file. */
  mirrorToken(namespace: number): string | undefined {
    const row = this.get("SELECT token FROM mirrors WHERE namespace = ?", namespace);
    return (row as { token: string } | undefined)?.token;
  }

  writeMirrorToken(namespace: number, token: string): void {
    this.transaction(() =>
      this.prepare("INSERT OR REPLACE INTO mirrors (namespace, token) VALUES (?, ?)").run(namespace, token),
    );
  }
}
