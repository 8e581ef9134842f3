import type { FieldCatalog } from "../records/field-catalog.ts";
import type { Row } from "../records/row-source.ts";
import { visibleText } from "../visible-text.ts";
import { cellText, fieldValue } from "./cell-text.ts";

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly kind: "id" | "score" | "field" | "number" | "text" | "vector";
  /** A size for `grid-template-columns`. */
  readonly width: string;
  readonly text: (row: Row) => string;
  /** What rows are sorted by. */
  readonly value: (row: Row) => unknown;
}

interface Shown {
  readonly hasScores: boolean;
  readonly hasTexts: boolean;
  readonly hasVectors: boolean;
}

const narrowest = 90;
const widest = 220;
/** Most values are shorter than this many times the mean; the others are cut. */
const spread = 1.9;
/** Ids are what rows are known by: fewer of them are cut. */
const idSpread = 2;
/** Pixels of a character of 13 px, and of the space around a cell. */
const characterWidth = 7.2;
const cellSpace = 28;

/**
 * The columns of the table: id, score, fields of the metadata, text, vectors.
 *
 * @param widths of the columns that were shown before; those that are new are added
 */
export function columnsOf(
  fields: readonly string[],
  catalog: FieldCatalog,
  widths: Map<string, string>,
  shown: Shown,
): Column[] {
  const columns = [
    idColumn(catalog),
    ...(shown.hasScores ? [scoreColumn] : []),
    ...fields.map((path) => fieldColumn(path, catalog)),
    ...(shown.hasTexts ? [textColumn] : []),
    ...(shown.hasVectors ? [vectorColumn] : []),
  ];
  if (catalog.records === 0) return columns;
  return columns.map((column) => {
    const width = widths.get(column.id) ?? column.width;
    widths.set(column.id, width);
    return { ...column, width };
  });
}

function idColumn({ meanId }: FieldCatalog): Column {
  return {
    id: "id",
    title: "Id",
    kind: "id",
    width: widthOf(meanId * idSpread),
    text: ({ id }) => visibleText(id),
    value: ({ id }) => id,
  };
}

const scoreColumn: Column = {
  id: "score",
  title: "Score",
  kind: "score",
  width: "92px",
  text: ({ score }) => score?.toFixed(4) ?? "",
  value: ({ score }) => score,
};

const textColumn: Column = {
  id: "text",
  title: "Text",
  kind: "text",
  width: "minmax(280px, 1fr)",
  text: ({ text }) => text ?? "",
  value: ({ text }) => text,
};

const vectorColumn: Column = {
  id: "vector",
  title: "Vector",
  kind: "vector",
  width: "170px",
  text: ({ vector }) => vector ?? "",
  value: ({ vector }) => vector,
};

function fieldColumn(path: string, catalog: FieldCatalog): Column {
  const field = catalog.field(path);
  const typical = field === undefined ? 0 : (field.characters / field.records) * spread;
  return {
    id: `field-${path}`,
    title: path,
    kind: field?.isNumber && !field.isList ? "number" : "field",
    width: widthOf(Math.max(path.length, Math.min(field?.longest ?? 0, typical))),
    text: ({ metadata }) => cellText(fieldValue(metadata, path)),
    value: ({ metadata }) => fieldValue(metadata, path),
  };
}

function widthOf(characters: number): string {
  return `${Math.round(Math.max(narrowest, Math.min(widest, characters * characterWidth + cellSpace)))}px`;
}
