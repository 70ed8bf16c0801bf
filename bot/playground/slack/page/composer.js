// The composer: what is typed, the commands that it may become, and what was typed before.
import { say } from "./deeds.js";
import { byId, h } from "./dom.js";
import { here, state } from "./screen.js";

const COMMANDS = [
  ["", "audit every account in scope"],
  ["help", "what you can say"],
  ["fix 111122223333", "work out the smallest repair, and ask for approval"],
  ["create 111122223333", "a new trail, as the console asks it"],
  ["update <trail> 111122223333", "the same form, with a trail as it is"],
  ["delete <trail> 111122223333", "ask for approval to delete a trail"],
  ["changes", "open changes"],
  ["change C-1", "one change's whole story"],
  ["undo C-1", "ask for approval to take back what a change did"],
  ["accept 111122223333 until <date> because …", "ask for approval to accept what fails, up to a day"],
  ["exceptions", "what is accepted, by whom and how long"],
  ["digest 09:00 Europe/Paris weekdays", "this channel's daily digest"],
  ["digest now", "the digest at once"],
];

const draft = byId("draft");
const history = []; // what was typed, newest last
let historyPlace = 0;
let marked = -1; // the suggestion that the arrow keys are on

function grow() {
  draft.style.height = "auto";
  draft.style.height = `${Math.min(draft.scrollHeight, 160)}px`;
}

function suggestions() {
  const typed = draft.value;
  if (!state || !typed.startsWith("/")) return [];
  return COMMANDS.map(([rest, what]) => [`${state.command} ${rest}`.trim(), what]).filter(([command]) => command.startsWith(typed) && command !== typed);
}

function paintSuggestions() {
  const found = suggestions();
  const list = byId("suggestions");
  list.hidden = !found.length;
  marked = Math.min(marked, found.length - 1);
  list.replaceChildren(...found.map(([command, what], place) =>
    h("div", { class: "suggestion", role: "option", id: `suggestion-${place}`, "aria-selected": String(place === marked), onmousedown: (event) => { event.preventDefault(); take(command); } },
      h("span", {}, command), h("small", {}, what))));
  if (marked >= 0) draft.setAttribute("aria-activedescendant", `suggestion-${marked}`);
  else draft.removeAttribute("aria-activedescendant");
}

function take(command) {
  draft.value = command;
  marked = -1;
  grow();
  paintSuggestions();
  draft.focus();
}

async function send() {
  const text = draft.value.trim();
  if (!text) return;
  history.push(text);
  historyPlace = history.length;
  draft.value = "";
  marked = -1;
  grow();
  paintSuggestions();
  await say(here, text);
}

function recall(step) {
  if (!history.length) return;
  historyPlace = Math.max(0, Math.min(history.length, historyPlace + step));
  draft.value = history[historyPlace] ?? "";
  grow();
  byId("suggestions").hidden = true;
}

function onKey(event) {
  const found = suggestions();
  const browsing = draft.value === "" || draft.value === history[historyPlace];
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (marked >= 0 && found[marked]) take(found[marked][0]);
    else send();
  } else if (event.key === "Escape") {
    byId("suggestions").hidden = true;
  } else if (event.key === "Tab" && !byId("suggestions").hidden && draft.value.length > 1) {
    event.preventDefault();
    take(found[Math.max(marked, 0)][0]);
  } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && browsing) {
    event.preventDefault();
    recall(event.key === "ArrowUp" ? -1 : 1);
  } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && found.length) {
    event.preventDefault();
    marked = (marked + (event.key === "ArrowUp" ? -1 : 1) + found.length) % found.length;
    paintSuggestions();
  }
}

byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
draft.addEventListener("input", () => { marked = -1; grow(); paintSuggestions(); });
draft.addEventListener("keydown", onKey);
draft.addEventListener("blur", () => { byId("suggestions").hidden = true; });
