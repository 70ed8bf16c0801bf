// The panel beside the workspace: a tab for each part, asked anew about once a second while it is open.
import { chaos } from "./chaos.js";
import { byId, h, toast } from "./dom.js";
import { call } from "./server.js";
import { traffic } from "./traffic.js";
import { trails } from "./trails.js";

const PARTS = [trails, chaos, traffic]; // each { name, label, paint(shown, deed) -> nodes, or one node that it keeps and repaints }
const LOOK_EVERY = 1000; // milliseconds

let open = null; // the name of the part that is shown
let shown = ""; // what it was painted from

async function look() {
  const part = PARTS.find((each) => each.name === open);
  if (!part) return;
  try {
    paint(part, await call(`backstage/${part.name}`));
  } catch (problem) {
    paint(part, null);
  }
}

function paint(part, news) {
  const key = JSON.stringify([part.name, news]);
  if (key === shown || open !== part.name) return;
  shown = key;
  const nodes = [news ? part.paint(news, (name, body = {}) => deed(part, name, body)) : h("p", {}, "The playground does not answer.")].flat();
  if (nodes.length === 1 && nodes[0].isConnected) return; // it keeps itself up to date
  byId("backstage-part").replaceChildren(h("div", { class: "part" }, nodes));
}

/** Whether it was done. */
async function deed(part, name, body) {
  try {
    toast((await call(`backstage/${part.name}/${name}`, body)).said);
    return true;
  } catch (problem) {
    toast(problem.message);
    return false;
  } finally {
    look();
  }
}

function show(name) {
  open = name;
  shown = "";
  byId("backstage-part").replaceChildren(); // nobody presses what belongs to another tab
  byId("backstage").hidden = !name;
  byId("backstage-open").setAttribute("aria-expanded", String(Boolean(name)));
  byId("backstage-tabs").replaceChildren(...PARTS.map((each) =>
    h("button", { type: "button", "aria-pressed": String(each.name === name), onclick: () => show(each.name) }, each.label)));
  look();
}

function close() {
  show(null);
  byId("backstage-open").focus();
}

byId("backstage-open").addEventListener("click", () => (open ? close() : show(PARTS[0].name)));
byId("backstage-close").addEventListener("click", close);
byId("backstage").addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
setInterval(() => document.visibilityState === "visible" && look(), LOOK_EVERY);
