const library = Deno.dlopen("./native/libmoon.so", {
  moon_age: { parameters: ["f64"], result: "f64" },
});

/** The moon's age in whole days. */
export function age(date: Date): number {
  return Math.floor(library.symbols.moon_age(date.getTime() / 1000));
}

export function name(days: number): string {
  return days < 4 ? "new" : days < 11 ? "first quarter" : days < 18 ? "full" : days < 26 ? "last quarter" : "old";
}
