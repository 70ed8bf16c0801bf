// Small words for building the page. Text always goes in as text: nothing here or elsewhere parses HTML.

/** An element: h("button", {class: "x", onclick: f}, "text", child, …). null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the symbols in index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Replaces the children only when what they show has changed, so that focus and menus survive news; whether it did. */
export function paintOnce(node, shown, make) {
  const key = JSON.stringify(shown);
  if (node.dataset.shown === key) return false;
  node.dataset.shown = key;
  node.replaceChildren(...[make()].flat(Infinity).filter(Boolean));
  return true;
}

/** A short notice at the foot of the page. */
export function toast(text) {
  const notice = h("p", { class: "toast" }, text);
  byId("toasts").append(notice);
  setTimeout(() => notice.remove(), 7000);
}
