const kept = 5;

/** How many records something holds for, with the ids of the first five. */
export class Examples {
  readonly ids: string[] = [];
  count = 0;

  add(id: string): void {
    this.count++;
    if (this.ids.length < kept) this.ids.push(id);
  }
}
