// What the person does, posted to the server.
import { byId, h, toast } from "./dom.js";
import { mrkdwn, plainText } from "./mrkdwn.js";
import { me, names } from "./screen.js";
import { call } from "./server.js";

/** Posts what the person did; shows what went wrong as a notice. */
export async function deed(name, body) {
  try {
    return await call(`${name}/${me}`, body);
  } catch (problem) {
    toast(problem.message);
    return null;
  }
}

export const say = (channel, text) => deed("type", { channel, text });

/** Presses or picks `part` of `block`, in a message {channel, ts} or a view {view_id, values}. */
export async function act(source, part, block, value, pressed) {
  if (part.confirm && !(await confirmed(part.confirm))) return;
  pressed?.classList.add("working");
  pressed?.parentElement.querySelector(".failed-sign")?.remove();
  const result = await deed("act", { ...source, block_id: block.block_id, action_id: part.action_id, value });
  pressed?.classList.remove("working");
  if (!result?.error) return;
  pressed?.after(h("span", { class: "failed-sign", title: "Trailwarden did not answer" }, "⚠️"));
  toast("Trailwarden did not answer in time. Nothing was confirmed: try again.");
}

function confirmed(question) {
  const dialog = byId("confirm");
  return new Promise((answer) => {
    const done = (yes) => () => { dialog.close(); answer(yes); };
    dialog.replaceChildren(h("form", { method: "dialog" },
      h("header", {}, h("h2", { id: "confirm-title" }, plainText(question.title.text))),
      h("div", { class: "sheet-body" }, h("div", { class: "b-text" }, question.text.type === "mrkdwn" ? mrkdwn(question.text.text, names) : plainText(question.text.text))),
      h("footer", {}, h("button", { type: "button", class: "button", onclick: done(false) }, plainText(question.deny.text)),
        h("button", { type: "button", class: `button ${question.style ?? "primary"}`, onclick: done(true) }, plainText(question.confirm.text)))));
    dialog.oncancel = () => answer(false);
    dialog.showModal();
  });
}
