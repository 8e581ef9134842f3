import type { Food } from "../../src/foods/food.ts";
import { sampleFoods } from "../helpers/foods.ts";

/** What an attacker would write into every field: each would set `window.broken`. */
const attack = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>`;

/** Foods for the browser tests: the shared samples, some with allergens, and one that attacks the page. */
export const pageFoods: readonly Food[] = [
  ...sampleFoods.map((food) => ({ ...food, name: food.id, allergens: [], mayContain: [] })),
  {
    id: "satay",
    name: "Satay",
    text: "Satay is grilled meat on sticks with a sauce of peanuts. Street cooks in Java sell it at night.",
    region: "Indonesia",
    type: "Grilled Dish",
    diet: ["dairy-free"],
    allergens: ["peanuts"],
    mayContain: ["soybeans"],
  },
  {
    id: `evil${attack}`,
    name: `Durian ${attack}`,
    text: `Durian is a spiky fruit with a strong smell. ${attack} **bold** [9] [1](javascript:alert(1))`,
    region: `Malaysia ${attack}`,
    type: "Fruit",
    diet: ["vegan", attack],
    allergens: [attack],
    mayContain: [],
    [`field${attack}`]: attack,
  },
];
