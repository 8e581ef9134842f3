import { render } from "preact";

render(<h1>Ask</h1>, document.getElementById("page") as HTMLElement);
