import { render } from "preact";
import { Shell } from "../shell/shell.tsx";

render(
  <Shell page="ask">
    <h1>Ask</h1>
  </Shell>,
  document.getElementById("page") as HTMLElement,
);
