// The tab "Traffic": each envelope, request and answer with its time. A row opens to both sides as JSON.
import { h, toast } from "./dom.js";
import { call } from "./server.js";

const KINDS = [["envelope", "To the bot"], ["web", "Web API"], ["reply", "Response URLs"], ["aws", "AWS"]];
const GOOD = /^(ack|ok|2\d\d|3\d\d|404 NoSuch)/;

let exchanges = [];
let latest = []; // what the list shows once it is no longer paused
let paused = false;
const hidden = new Set(); // kinds
const rows = new Map(); // number -> its node, so that an open row stays open

const list = h("ol", { class: "traffic-list" });
const search = h("input", { type: "search", placeholder: "Filter: approve, 111122223333, CreateTrail …", "aria-label": "Filter the traffic", oninput: paintList });
const pause = h("button", { type: "button", class: "button small", "aria-pressed": "false", onclick: () => { paused = !paused; mark(pause, paused); if (!paused) goOn(); } }, "Pause");
const kinds = KINDS.map(([kind, label]) => h("button", { type: "button", class: "button small", "aria-pressed": "true", "data-kind": kind, onclick: (event) => toggle(kind, event.currentTarget) }, label));
const count = h("p", { class: "traffic-count", role: "status" });
const root = h("div", { class: "traffic" }, h("div", { class: "traffic-bar" }, kinds, pause), search, count, list);

const mark = (button, on) => button.setAttribute("aria-pressed", String(on));

function toggle(kind, button) {
  if (!hidden.delete(kind)) hidden.add(kind);
  mark(button, !hidden.has(kind));
  paintList();
}

function goOn() {
  exchanges = latest;
  const kept = new Set(exchanges.map((each) => each.number));
  for (const number of rows.keys()) if (!kept.has(number)) rows.delete(number);
  paintList();
}

function paintList() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = exchanges.filter((each) => !hidden.has(each.kind) && words.every((word) => searched(each).includes(word)));
  const nodes = found.map(row);
  count.textContent = exchanges.length ? `${found.length} of the last ${exchanges.length}, the newest first` : "Nothing yet: type /trail-audit in a channel.";
  if (nodes.length === list.children.length && nodes.every((node, place) => node === list.children[place])) return;
  const held = list.contains(document.activeElement) ? document.activeElement : null;
  list.replaceChildren(...nodes);
  held?.focus({ preventScroll: true });
}

const searched = (each) => `${each.name} ${each.about} ${each.outcome} ${each.glance}`.toLowerCase();

function row(each) {
  if (!rows.has(each.number)) rows.set(each.number, newRow(each));
  return rows.get(each.number);
}

function newRow(each) {
  const inside = h("div", { class: "exchange-inside" });
  const head = h("summary", {},
    h("time", { datetime: each.at }, each.at.slice(11, 23)), h("b", {}, each.name),
    h("span", { class: GOOD.test(each.outcome) ? "outcome" : "outcome bad" }, each.outcome),
    h("small", {}, [each.about, `${each.milliseconds} ms`].filter(Boolean).join(" · ")), each.glance ? h("small", { class: "glance" }, each.glance) : null);
  const details = h("details", { "data-kind": each.kind, ontoggle: () => details.open && !inside.firstChild && open(each.number, inside) }, head, inside);
  return h("li", {}, details);
}

async function open(number, inside) {
  try {
    const { said } = await call("backstage/traffic/open", { number });
    inside.replaceChildren(h("button", { type: "button", class: "button small", onclick: () => copy(said) }, "Copy"), h("pre", { tabindex: "0" }, said));
  } catch (problem) {
    inside.replaceChildren(h("p", {}, problem.message));
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied. Tokens and keys are masked.");
  } catch {
    toast("The browser does not let this page copy: mark the text and copy it yourself.");
  }
}

export const traffic = {
  name: "traffic",
  label: "Traffic",
  paint(shown) {
    latest = shown.exchanges;
    if (!paused) goOn();
    return root;
  },
};
