import { seededRandom } from "../../../src/foundation/random.ts";

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time and chance: everything that happens is an event, and the same seed gives the same events. */
export class Scheduler {
  now = 0;
  readonly #random: () => number;
  readonly #heap: Event[] = [];
  #order = 0;
  #isResumed = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  random(): number {
    return this.#random();
  }
  chance(probability: number): boolean {
    return this.#random() < probability;
  }
  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }
  integer(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }
  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  at(at: number, run: () => void): void {
    const heap = this.#heap;
    const event = { at: Math.max(at, this.now), order: this.#order++, run };
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[place] = heap[parent] as Event;
      place = parent;
    }
    heap[place] = event;
  }

  after(delay: number, run: () => void): void {
    this.at(this.now + delay, run);
  }

  /** An event calls this when it resumes asynchronous work. */
  resumed(): void {
    this.#isResumed = true;
  }

  /** Runs events until `isDone` or until the time is over; everything that an event resumes runs before the next. */
  async run(until: number, isDone: () => boolean): Promise<void> {
    while (!isDone() && (this.#heap[0]?.at ?? Number.POSITIVE_INFINITY) <= until) {
      const event = this.#take() as Event;
      this.now = event.at;
      this.#isResumed = false;
      event.run();
      if (this.#isResumed) await microtasks();
    }
  }

  #take(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[place] = heap[child] as Event;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

/** Ends when no microtask is left: a tick that a microtask asks for runs after all of them. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
