import { render } from "preact";
import { Gallery } from "./gallery";
import "./gallery.css";

render(<Gallery />, document.getElementById("app")!);
