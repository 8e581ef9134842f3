import type { Food } from "../../src/foods/food.ts";

/** Region, year, height in metres, material, and whether it is in service. */
type Row = readonly [
  name: string,
  region: string,
  year: number,
  height: number,
  material: string,
  active: boolean,
];

const rows: readonly Row[] = [
  ["Eddystone", "England", 1882, 49, "granite", true],
  ["Bell Rock", "Scotland", 1810, 35, "sandstone", true],
  ["Fastnet", "Ireland", 1904, 54, "granite", true],
  ["Cordouan", "France", 1611, 68, "limestone", false],
  ["La Jument", "France", 1911, 48, "granite", true],
  ["Ar Men", "France", 1881, 34, "stone", true],
  ["Roter Sand", "Germany", 1885, 52, "steel", false],
  ["Westerhever", "Germany", 1908, 40, "cast iron", true],
  ["Pilsum", "Germany", 1891, 11, "steel", false],
  ["Kõpu", "Estonia", 1531, 36, "stone", true],
  ["Tower of Hercules", "Spain", 100, 55, "granite", true],
  ["Genoa Lanterna", "Italy", 1543, 77, "masonry", true],
  ["Jeddah Light", "Saudi Arabia", 1990, 136, "concrete", true],
  ["Yokohama Marine Tower", "Japan", 1961, 106, "steel", false],
  ["Cape Hatteras", "United States", 1870, 64, "brick", true],
  ["Boston Light", "United States", 1783, 27, "stone", true],
  ["Pigeon Point", "United States", 1871, 35, "brick", false],
  ["Split Rock", "United States", 1910, 16, "brick", false],
  ["Peggys Point", "Canada", 1915, 15, "concrete", true],
  ["Cape Byron", "Australia", 1901, 22, "concrete", true],
  ["Cape Otway", "Australia", 1848, 20, "stone", false],
  ["Green Point", "South Africa", 1824, 16, "masonry", true],
  ["Slangkop", "South Africa", 1919, 33, "cast iron", true],
  ["Les Eclaireurs", "Argentina", 1920, 11, "brick", true],
  ["Punta Brava", "Uruguay", 1876, 21, "masonry", true],
  ["Rubjerg Knude", "Denmark", 1900, 23, "masonry", false],
  ["Lindesnes", "Norway", 1915, 16, "cast iron", true],
  ["Hook Head", "Ireland", 1245, 35, "stone", true],
  ["Skerryvore", "Scotland", 1844, 48, "granite", true],
  ["Muckle Flugga", "Scotland", 1858, 20, "brick", true],
];

/** Records about something else than food, with texts, numbers and a truth value. */
export const lighthouses: readonly Food[] = rows.map(([name, region, year, height, material, active]) => ({
  id: name.toLowerCase().replace(/\W+/g, "-"),
  text: `${name} is a lighthouse in ${region}. It was lit first in ${year}, is ${height} metres high and built of ${material}. ${
    active
      ? "It is still in service and run automatically."
      : "It is no longer in service and serves as a monument or museum."
  }`,
  region,
  type: "Lighthouse",
  name,
  year,
  height,
  material,
  active,
}));
