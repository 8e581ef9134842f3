import { render } from "preact";
import { Boundary } from "../components/boundary.tsx";
import { AskPage } from "./ask-page.tsx";

render(
  <Boundary onReset={() => sessionStorage.clear()}>
    <AskPage />
  </Boundary>,
  document.getElementById("page") as HTMLElement,
);
