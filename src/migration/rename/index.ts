export { KeyRenaming, type RenameRule } from "./key-renaming.ts";
export { RenamedSource } from "./renamed-source.ts";
