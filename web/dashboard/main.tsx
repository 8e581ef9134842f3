import { render } from "preact";
import { Boundary } from "../components/boundary.tsx";
import { DashboardPage } from "./dashboard-page.tsx";

render(
  <Boundary onReset={() => sessionStorage.clear()}>
    <DashboardPage />
  </Boundary>,
  document.getElementById("page") as HTMLElement,
);
