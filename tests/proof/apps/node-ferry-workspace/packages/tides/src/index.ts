import { addMinutes, format } from "date-fns";

/** High waters of a day: two, twelve hours and twenty-five minutes apart. */
export function highWaters(first: Date): string[] {
  return [first, addMinutes(first, 745)].map((time) => format(time, "HH:mm"));
}
