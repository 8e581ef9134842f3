import { render } from "preact";

render(<h1>Data</h1>, document.getElementById("page") as HTMLElement);
