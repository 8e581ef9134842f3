import type { Food } from "../../src/foods/food.ts";

/** Foods that tests share: few, and each different in what filters and queries look at. */
export const sampleFoods: readonly Food[] = [
  {
    id: "vindaloo",
    text: "Vindaloo is a fiery curry of pork, vinegar and chilies from Goa.",
    region: "India",
    type: "Curry",
    energy: 180,
    diet: ["gluten-free"],
  },
  {
    id: "idli",
    text: "Idli is a soft steamed cake of fermented rice and lentils, mild and light.",
    region: "India",
    type: "Cake",
    energy: 120,
    diet: ["vegan", "gluten-free"],
  },
  {
    id: "pho",
    text: "Pho is a fragrant noodle soup with beef and herbs.",
    region: "Vietnam",
    type: "Soup",
    energy: 60,
    diet: ["dairy-free"],
  },
  {
    id: "gazpacho",
    text: "Gazpacho is a cold soup of raw tomatoes, cucumber and bread, refreshing in summer.",
    region: "Spain",
    type: "Soup",
    diet: ["vegan"],
  },
  {
    id: "brie",
    text: "Brie is a soft cheese with a white rind and a creamy inside.",
    region: "France",
    type: "Cheese",
    energy: 334,
    diet: ["vegetarian"],
  },
];
