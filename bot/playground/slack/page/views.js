// The app's views for this person: its Home, and the modal that is open.
import { blocks, restore, valueOf, valueOfState } from "./blocks.js";
import { act, deed } from "./deeds.js";
import { byId, h, icon, paintOnce } from "./dom.js";
import { plainText } from "./mrkdwn.js";
import { avatar, bot, humans, isDirect, me, names, publicChannels, state, tab } from "./screen.js";

// What is entered ------------------------------------------------------------------------------------------

const viewPlace = (view) => ({ names, people: humans(), channels: publicChannels(), act: (part, block, value, pressed) =>
  act({ view_id: view.id, values: values(byId(view.body.type === "home" ? "home" : "modal")) }, part, block, value, pressed) });

const controlOf = (block, where = byId("modal")) => where.querySelector(`.b-input[data-block="${CSS.escape(block)}"]`)?.querySelector("[data-action]");
const values = (where = byId("modal")) => Object.fromEntries([...where.querySelectorAll(".b-input")].map((each) =>
  [each.dataset.block, valueOf(each.querySelector("[data-action]"))]));

/** What the server knows to be entered: blocks that were published again keep it. */
function restoreState(where, view) {
  for (const control of where.querySelectorAll("[data-action]")) {
    const value = valueOfState(view?.state[control.dataset.block]?.[control.dataset.action]);
    if (value) restore(control, value);
  }
}

// The Home ------------------------------------------------------------------------------------------------

export function paintHome() {
  const shown = isDirect() && tab === "home";
  byId("home").hidden = !shown;
  if (!shown) return;
  const home = byId("home");
  const held = home.contains(document.activeElement) ? document.activeElement.closest("[data-action]") : null;
  const entered = home.dataset.of === `${me} ${state.home?.id}` ? values(home) : {};
  home.dataset.of = `${me} ${state.home?.id}`;
  const anew = paintOnce(home, [me, state.home?.id, state.home?.hash], () => state.home
    ? [h("h2", { class: "unseen" }, "Home"), blocks(state.home.body.blocks, viewPlace(state.home))]
    : h("p", { class: "empty" }, "Trailwarden has not published a Home for you yet."));
  if (!anew) return;
  restoreState(home, state.home);
  for (const [block, value] of Object.entries(entered)) { const control = controlOf(block, home); if (control && value) restore(control, value); }
  if (held) focusOn(home, held.dataset);
}

/** So that nobody who works by keyboard starts again at the top after each press; where the button is gone, no other is hit. */
function focusOn(where, { block, action }) {
  const same = [...where.querySelectorAll("[data-action]")].find((each) => each.dataset.block === block && each.dataset.action === action);
  (same ?? where).focus({ preventScroll: true });
}

// The modal -----------------------------------------------------------------------------------------------

let painted = null; // {id, hash} of the modal on the screen

export function paintModal() {
  const dialog = byId("modal");
  const view = state.modal;
  if (!view) { painted = null; if (dialog.open) dialog.close(); return; }
  if (painted?.id === view.id && painted.hash === view.hash) return;
  const entered = painted?.id === view.id ? values() : {};
  painted = { id: view.id, hash: view.hash };
  dialog.replaceChildren(modalForm(view));
  restoreState(dialog, view);
  for (const [block, value] of Object.entries(entered)) { const control = controlOf(block); if (control && value) restore(control, value); }
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector(".b-input input, .b-input textarea, .b-input select"))?.focus();
}

function modalForm(view) {
  const { body } = view;
  return h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(); } },
    h("header", {}, avatar(bot(), "small"), h("h2", { id: "modal-title" }, plainText(body.title.text)),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: cancel }, icon("cross"))),
    h("div", { class: "sheet-body" }, blocks(body.blocks, viewPlace(view)), h("p", { class: "trouble", role: "alert", hidden: true })),
    h("footer", {}, h("button", { type: "button", class: "button", onclick: cancel }, plainText(body.close?.text ?? (state.modal_depth > 1 ? "Back" : "Cancel"))),
      body.submit ? h("button", { type: "submit", class: "button primary" }, plainText(body.submit.text)) : null));
}

async function submit() {
  const dialog = byId("modal");
  const button = dialog.querySelector("button[type=submit]");
  button.classList.add("working");
  const result = await deed("submit", { values: values() });
  button.classList.remove("working");
  if (result) showErrors(result.errors, result.error);
}

function showErrors(errors, trouble) {
  for (const each of byId("modal").querySelectorAll(".b-input")) {
    const words = errors[each.dataset.block];
    const note = each.querySelector(".b-error");
    note.textContent = words ?? "";
    note.hidden = !words;
    const control = each.querySelector("[data-action]");
    control.toggleAttribute("aria-invalid", Boolean(words));
    if (words) control.setAttribute("aria-describedby", note.id);
  }
  const note = byId("modal").querySelector(".trouble");
  if (note) { note.textContent = trouble ?? ""; note.hidden = !trouble; }
  const first = Object.keys(errors)[0];
  if (first) controlOf(first)?.focus();
}

const cancel = () => deed("close", {});

byId("modal").addEventListener("cancel", (event) => { event.preventDefault(); cancel(); });
