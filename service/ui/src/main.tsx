import { render } from "preact";
import { App } from "./App";
import { attempt } from "./state/notices";
import { start } from "./state/workspace";
import "./style.css";

render(<App />, document.getElementById("app")!);
void attempt(start);
