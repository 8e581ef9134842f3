/**
 * Texts whose embeddings are compared over time. They never change: a changed text would look like a changed model.
 * They differ in length, topic, language and writing, so that a change of the model, its tokenizer or its text limit
 * moves some of them.
 */
export const pinnedTexts: readonly string[] = [
  "Injera is a sour flatbread of teff flour with a spongy surface, eaten with stews in Ethiopia and Eritrea.",
  "Pad thai: stir-fried rice noodles with egg, tofu, tamarind, fish sauce, peanuts and lime.",
  "A vegan stew of red lentils, onion, garlic and berbere.",
  "Which desserts contain no gluten and no dairy?",
  "grilled sardines",
  "100 g of cooked chickpeas provide 164 kcal, 8.9 g of protein and 7.6 g of fibre.",
  "The committee postponed its decision on the harbour bridge until spring.",
  "SELECT name FROM dishes WHERE region = 'Peru' ORDER BY name;",
  "Crème brûlée, gâteau au chocolat et tarte aux pommes.",
  "Das Brot ruht über Nacht und wird am Morgen gebacken.",
  "寿司は酢飯と魚介を組み合わせた日本料理です。",
  "Store cooked rice in the refrigerator within one hour, eat it within a day, and reheat it only once, until it is steaming hot all through. Bacteria that survive cooking form spores at room temperature, and the toxin that they make is not destroyed by heating the rice again. Cool large amounts in flat bowls, cover them once they are cold, and do not put hot pots beside food that is already cold, because they warm it up.",
];
