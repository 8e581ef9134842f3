import { render } from "preact";
import { Shell } from "../shell/shell.tsx";

render(
  <Shell page="dashboard">
    <h1>Dashboard</h1>
  </Shell>,
  document.getElementById("page") as HTMLElement,
);
