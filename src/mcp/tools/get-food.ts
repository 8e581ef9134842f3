import { z } from "zod";
import { nearestName } from "../../foundation/edit-distance.ts";
import { NotFoundError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { Catalog } from "../../rag/catalog/catalog.ts";
import { toFoodRecord, toSource } from "../../rag/source.ts";
import { foodSchema, textOf } from "../schemas.ts";
import { quotedSources } from "../sources-text.ts";
import { defineTool, type Tool } from "../tool.ts";

/** Records that share a name. */
const mostFoods = 20;

const input = z.object({
  food: textOf("The id of a record as ask and search give it, or the name of a food: 'Pad Thai'."),
});

const output = z.object({
  foods: z.array(foodSchema).describe("The record with this id, otherwise every record with this name."),
});

export const getFood: Tool = defineTool({
  name: "get_food",
  title: "Get one food",
  description:
    "Reads the whole record of one food by its id or its exact name: text, ingredients, allergens, diets, energy and every other field. " +
    "Use search if the name is not known.",
  input,
  output,
  async run({ food }, { engine, store, namespace, signal }) {
    const [byId] = await store.fetch([food], { namespace, signal });
    const found = byId
      ? [byId]
      : await store.fetch(idsOf(food, await engine.catalog({ namespace, signal })), { namespace, signal });
    const records = found.filter((record) => record !== undefined);
    return {
      text: quotedSources(records.map((record, place) => toSource({ ...record, score: 1 }, place))).join(""),
      data: { foods: records.map(toFoodRecord) },
    };
  },
});

/** The ids of the foods with this name. @throws {NotFoundError} */
function idsOf(name: string, { names }: Catalog): string[] {
  const wanted = name.toLocaleLowerCase("en");
  const ids = names.filter(([known]) => known.toLocaleLowerCase("en") === wanted).map(([, id]) => id);
  if (ids.length > 0) return [...new Set(ids)].slice(0, mostFoods);
  const near = nearestName(
    name,
    names.map(([known]) => known),
  );
  throw new NotFoundError("index", `No food has the id or the name ${quoted(name)}.`, {
    hint: `${near === undefined ? "" : `Did you mean ${quoted(near)}? `}search finds foods by what they are.`,
  });
}
