/** Ids that a finding names. */
const told = 10;

/** How many records something is true of, and the first of them. */
export class IdExamples {
  count = 0;
  readonly ids: string[] = [];

  add(id: string): void {
    this.count++;
    if (this.ids.length < told) this.ids.push(id);
  }
}
