import { Fragment, render } from "preact";
import { pages } from "../shell/pages.ts";
import { Shell } from "../shell/shell.tsx";
import "./missing.css";

render(
  <Shell page={undefined}>
    <div class="missing">
      <h1 class="missing-title">This page does not exist</h1>
      <p>
        Go to{" "}
        {pages.map(({ id, name, address }, place) => (
          <Fragment key={id}>
            {place > 0 && (place === pages.length - 1 ? " or " : ", ")}
            <a href={address}>{name}</a>
          </Fragment>
        ))}
        .
      </p>
    </div>
  </Shell>,
  document.getElementById("page") as HTMLElement,
);
