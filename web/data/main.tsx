import { render } from "preact";
import { DataPage } from "./data-page.tsx";

render(<DataPage />, document.getElementById("page") as HTMLElement);
