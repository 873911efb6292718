import { dlopen, FFIType, ptr } from "bun:ffi";
import { readdirSync, readFileSync } from "node:fs";

export interface Recipe {
  name: string;
  text: string;
}

const { symbols } = dlopen("./native/libscore.so", {
  score: { args: [FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
});

const recipes: Recipe[] = readdirSync("recipes")
  .filter((file) => file.endsWith(".md"))
  .sort()
  .map((file) => ({ name: file.replace(/\.md$/, ""), text: readFileSync(`recipes/${file}`, "utf8") }));

export function all(): Recipe[] {
  return recipes;
}

/** The recipe that a word stands in most often. */
export function best(word: string): Recipe | undefined {
  const scored = recipes.map((recipe) => ({ recipe, score: symbols.score(text(recipe.text), text(word)) }));
  const [first] = scored.sort((a, b) => b.score - a.score);
  return first && first.score > 0 ? first.recipe : undefined;
}

function text(value: string) {
  return ptr(Buffer.from(value + "\0"));
}
