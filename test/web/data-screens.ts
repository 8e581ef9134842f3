import { Index } from "@upstash/vector";
import type { Page } from "playwright-core";
import { type Emulator, startEmulator } from "../../src/embedded/index.ts";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import { toDocument } from "../../src/foods/food.ts";
import { PageFiles } from "../../src/pages/page-files.ts";
import { packagedFoods } from "./fixture.ts";

/** An emulator with the foods of the package, and the states of the data browser to take pictures of. */
export interface DataScreens {
  readonly states: readonly { readonly name: string; readonly open: (page: Page) => Promise<void> }[];
  start(): Promise<void>;
  close(): Promise<void>;
}

const token = "full-token-of-the-emulator";
const dimension = 384;

export function dataScreens(): DataScreens {
  let emulator: Emulator | undefined;
  let empty: Emulator | undefined;
  const urlOf = (path = "") => `${new URL(emulator?.url ?? "").origin}${path}`;

  const signIn = async (page: Page, search = "") => {
    await page.goto(urlOf(`/data${search}`));
    await page.getByLabel("Token", { exact: true }).fill(token);
    await page.keyboard.press("Enter");
  };
  const table = async (page: Page, search = "") => {
    await signIn(page, search);
    await page.locator(".table .cell-id").nth(5).waitFor();
    await page.waitForTimeout(150);
  };
  const record = async (page: Page, search = "?record=couscous") => {
    await table(page, search);
    await page.getByRole("heading", { name: "Dense vector" }).waitFor();
  };
  const filter = async (page: Page, text: string) => {
    await table(page);
    await page.getByRole("combobox", { name: "Filter" }).fill(text);
  };

  return {
    states: [
      {
        name: "data-sign-in",
        open: (page) => page.goto(urlOf("/data")).then(() => page.getByLabel("Token").waitFor()),
      },
      { name: "data-table", open: (page) => table(page) },
      { name: "data-record", open: (page) => record(page) },
      {
        name: "data-similar",
        open: (page) => record(page, "?similar=akara&record=akara"),
      },
      {
        name: "data-suggestions",
        open: async (page) => {
          await filter(page, "region = ");
          await page.getByRole("option", { name: "'Nigeria'" }).waitFor();
          await page.keyboard.press("ArrowDown");
        },
      },
      {
        name: "data-filter-error",
        open: async (page) => {
          await filter(page, "region = 'India' AND type == 'Curry'");
          await page.locator(".filter-mark").waitFor();
        },
      },
      {
        name: "data-columns",
        open: async (page) => {
          await table(page);
          // Phones show cards without columns.
          const columns = page.getByRole("button", { name: "Columns" });
          if (await columns.isVisible()) await columns.click();
        },
      },
      {
        name: "data-code",
        open: async (page) => {
          await table(page, "?text=a+warm+soup&filter=region+%3D+%27India%27");
          await page.getByRole("button", { name: "Code", exact: true }).click();
        },
      },
      {
        name: "data-wrong-token",
        open: async (page) => {
          await page.goto(urlOf("/data"));
          await page.getByLabel("Token", { exact: true }).fill("another token");
          await page.keyboard.press("Enter");
          await page.getByText("No index of this emulator has this token").waitFor();
        },
      },
      {
        name: "data-vectors",
        open: async (page) => {
          await record(page, "?record=couscous");
          await page.getByRole("heading", { name: "Sparse vector" }).scrollIntoViewIfNeeded();
          await page.locator(".drawer-body, .dialog-body").evaluate((body) => body.scrollTo(0, 9_999));
        },
      },
      { name: "data-nested", open: (page) => record(page, "?namespace=orders&record=order-1042") },
      {
        name: "data-hostile",
        open: (page) => table(page, "?namespace=orders"),
      },
      {
        name: "data-empty",
        open: async (page) => {
          await page.goto(`${new URL(empty?.url ?? "").origin}/data`);
          await page.getByLabel("Token", { exact: true }).fill(token);
          await page.keyboard.press("Enter");
          await page.getByText("is empty").waitFor();
        },
      },
      {
        name: "data-scores",
        open: (page) => table(page, "?text=a+warm+soup&filter=region+%3D+%27India%27"),
      },
      {
        name: "data-picker",
        open: async (page) => {
          await table(page);
          await page.getByRole("button", { name: "Add filter" }).click();
          await page.getByText("records that were read").waitFor();
        },
      },
      {
        name: "data-edit",
        open: async (page) => {
          await record(page);
          await page.getByRole("button", { name: "Edit metadata" }).click();
          await page.getByRole("dialog", { name: /^Metadata of/ }).waitFor();
        },
      },
      {
        name: "data-delete",
        open: async (page) => {
          await record(page);
          await page.getByRole("button", { name: "Delete" }).click();
          await page.getByRole("dialog", { name: "Delete this record?" }).waitFor();
        },
      },
      {
        name: "data-none",
        open: async (page) => {
          await signIn(page, "?filter=region+%3D+%27Atlantis%27");
          await page.getByText("No record matches").waitFor();
        },
      },
      {
        name: "data-emulator",
        open: async (page) => {
          await signIn(page, "?tab=emulator");
          await page.getByText("Live", { exact: true }).waitFor();
          await trouble(urlOf());
          // As when the user comes back from the window that switched the faults on.
          await page.evaluate(() => dispatchEvent(new Event("focus")));
          await page.getByText("429", { exact: true }).first().waitFor();
        },
      },
    ],
    async start() {
      emulator = await startEmulator({
        settings: {
          type: "HYBRID",
          dimension,
          similarityFunction: "COSINE",
          embeddingModel: `TEST_HASHING_${dimension}`,
          sparseEmbeddingModel: "BM25",
        },
        embedders: { dense: new HashingEmbedder(dimension) },
        token,
        page: new PageFiles({ data: "/data" }),
        log: () => {},
      });
      empty = await startEmulator({ token, page: new PageFiles({ data: "/data" }), log: () => {} });
      const index = new Index({ url: emulator.url, token, retry: false });
      const records = packagedFoods().map((food) => {
        const { id, text, metadata } = toDocument(food);
        return { id, data: text, metadata: { ...metadata } };
      });
      await index.upsert(records);
      await index.namespace("orders").upsert(orders());
      for (const name of ["drafts", "winter-menu"]) await index.namespace(name).upsert(records.slice(0, 40));
    },
    close: async () => {
      await emulator?.close();
      await empty?.close();
    },
  };
}

/** Records of other people: nested metadata, other scripts, and texts that try to be markup. */
function orders() {
  const order = {
    id: "order-1042",
    data: "Two portions of pad thai, one without peanuts.",
    metadata: {
      title: "Order 1042",
      customer: { name: "Ngozi Adichie", address: { city: "Lagos", zip: "100001" } },
      lines: [
        { dish: "Pad Thai", count: 2, price: 12.5 },
        { dish: "Mango Sticky Rice", count: 1, price: 6 },
      ],
      total: 31,
      isPaid: true,
      note: null,
      tags: [],
    },
  };
  const hostile = [
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"],
    ["\u202Eevil", "Text that runs from right to left: \u202Edlrow"],
    ["عدس", "شوربة العدس من بلاد الشام"],
    ["x".repeat(180), "A word without a break: ".concat("y".repeat(400))],
    ["🍜 phở bò", "Phở bò 🍜 với bánh phở"],
  ].map(([id = "", title]) => ({ id, data: title, metadata: { title, total: 1 } }));
  return [order, ...hostile].map((record) => ({ ...record, data: record.data ?? "" }));
}

/** Requests of a client that runs into a limit. */
async function trouble(url: string): Promise<void> {
  const call = (command: string, body: unknown) =>
    fetch(`${url}/${command}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  await call("emulator-faults", { requestsPerSecond: 0 });
  await call("query-data", { data: "soup", topK: 5 });
  await call("fetch", { ids: ["idli"] });
  await call("query-data/drafts", { data: "rice", topK: 5 });
  await call("query-data", { data: "x", filter: "region = =" });
  await call("emulator-faults", { requestsPerSecond: 2, indexingDelayMs: 2_000 });
  for (let count = 0; count < 5; count++) await call("query-data", { data: "bread", topK: 3 });
}
