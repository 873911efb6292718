export async function book(data) {
  const answer = await fetch("/book", { method: "POST", body: data });
  return (await answer.json()).message ?? "Please call us.";
}
