/** Rights of files that hold texts, keys' hashes or settings: their owner's alone. A stricter umask stays. */
export const ownerFile = 0o600;
export const ownerDirectory = 0o700;

/** Whether other users of the machine than the owner may do anything with a file. @param mode of its `Stats` */
export function isOpenToOthers(mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o077) !== 0;
}
