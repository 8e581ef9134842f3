import { render } from "preact";
import { AskPage } from "./ask-page.tsx";

render(<AskPage />, document.getElementById("page") as HTMLElement);
