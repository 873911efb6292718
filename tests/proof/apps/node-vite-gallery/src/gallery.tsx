import { useEffect, useState } from "preact/hooks";

/** The names of the photos, as the server has them. */
export function Gallery() {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    fetch("/api/photos").then((answer) => answer.json()).then(setNames);
  }, []);
  return <ul class="gallery">{names.map((name) => <li key={name}>{name}</li>)}</ul>;
}
