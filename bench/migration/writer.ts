/** A process that does nothing but write a directory for read-directory.ts: the path, and how many records. */
import { ChromaStore, type StoreCollection } from "./chroma-store.ts";

const dimension = 1_024;
const documentWords = 36;

const [path = "", count = ""] = process.argv.slice(2);
write(path, Number(count));

function write(path: string, count: number): void {
  const store = new ChromaStore(path, "1.3");
  const collection = store.collection({ name: "foods", dimension });
  const synchronized = Math.floor(count * 0.9);
  store.transaction(() => add(collection, 0, synchronized));
  store.transaction(() => collection.sync());
  store.transaction(() => add(collection, synchronized, count));
  store.close();
}

function add(collection: StoreCollection, first: number, end: number): void {
  for (let number = first; number < end; number++) {
    collection.apply("add", {
      id: `food-${number.toString().padStart(8, "0")}`,
      text: `${"simmer ".repeat(documentWords)}${number}`,
      metadata: {
        region: `region ${number % 40}`,
        type: `type ${number % 11}`,
        calories: number % 900,
        share: number / 3,
        spicy: number % 2 === 0,
      },
      vector: Float32Array.from({ length: dimension }, (_, place) => Math.sin(number * 31 + place)),
    });
  }
}
