import { book } from "./booking/book.js";
import { tableFor } from "./booking/words.js";

const form = document.querySelector("#booking");
const button = form.querySelector("button");

form.people.addEventListener("input", () => {
  button.textContent = tableFor(Number(form.people.value));
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  form.querySelector("output").textContent = await book(new FormData(form));
});
