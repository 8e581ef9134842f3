/** What a migration leaves out on request: a whole record, or one field of its metadata. */
export interface Omission {
  readonly id: string;
  /** The key of the metadata; absent for a whole record. */
  readonly field?: string;
  /** One clause for a person. */
  readonly reason: string;
  /** Of a record that the target itself refused: the hash of its content. */
  readonly hash?: Uint8Array;
}
