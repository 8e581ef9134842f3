import { render } from "preact";
import { DashboardPage } from "./dashboard-page.tsx";

render(<DashboardPage />, document.getElementById("page") as HTMLElement);
