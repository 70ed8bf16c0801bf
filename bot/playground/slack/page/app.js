// The page: one person's screen of the local workspace. It polls for news and posts what the person does.
import { blocks, restore, valueOf, valueOfState } from "./blocks.js";
import { itIs, now } from "./clock.js";
import { byId, h, icon, toast } from "./dom.js";
import { address, files } from "./files.js";
import { mrkdwn, plainText } from "./mrkdwn.js";
import { call, load } from "./server.js";

const COMMANDS = [
  ["", "audit every account in scope"],
  ["help", "what you can say"],
  ["fix 111122223333", "work out the smallest repair, and ask for approval"],
  ["create 111122223333", "a new trail, as the console asks it"],
  ["delete <trail> 111122223333", "ask for approval to delete a trail"],
  ["changes", "open changes"],
  ["change C-1", "one change's whole story"],
  ["digest 09:00 Europe/Paris weekdays", "this channel's daily digest"],
  ["digest now", "the digest at once"],
];
const AVATAR_COLOURS = ["c0", "c1", "c2", "c3", "c4", "c5"];

let state = null; // what the server last told
let me = sessionStorage.getItem("me") ?? "U0ALICE";
let here = "C0CLOUDSEC"; // channel id
let tab = "messages"; // of the bot's own place: "home" or "messages"
let openThread = null; // ts of its parent
let asked = new URLSearchParams(location.search).get("as"); // whom this tab is to be, by `/?as=bob`
const led = location.pathname === "/" && !location.search; // came for nothing in particular
let polling = null; // the AbortController of the request that waits for news
const lastRead = {}; // `${user} ${channel}` -> ts
const history = []; // what was typed, newest last
let historyPlace = 0;

// Talking to the server -----------------------------------------------------------------------------------

async function poll() {
  for (;;) {
    polling = new AbortController();
    try {
      const seen = state && state.me === me ? `?seen=${state.version}.${state.sockets}` : "";
      const news = await call(`state/${me}${seen}`, null, polling.signal);
      if (news.me === me) { state = news; itIs(news.now); paint(); }
    } catch (problem) {
      if (problem.name === "AbortError") continue;
      linkState(false, "The workspace does not answer.");
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

/** Posts what the person did; shows what went wrong as a notice. */
async function deed(name, body) {
  try {
    return await call(`${name}/${me}`, body);
  } catch (problem) {
    toast(problem.message);
    return null;
  }
}

// Names ---------------------------------------------------------------------------------------------------

const person = (id) => state.people.find((each) => each.id === id) ?? { id, name: id, real_name: id };
const bot = () => state.people.find((each) => each.is_app);
const direct = () => `D${me.slice(1)}`;
const isDirect = () => here.startsWith("D");
const names = {
  user: (id) => person(id).name,
  channel: (id) => state.channels.find((each) => each.id === id)?.name ?? id,
  group: (id) => state.groups.find((each) => each.id === id)?.handle ?? id,
};

function avatar(someone, extra = "") {
  if (someone.is_app) return h("span", { class: `avatar app ${extra}`, "aria-hidden": "true" }, icon("shield"));
  const colour = AVATAR_COLOURS[state.people.findIndex((each) => each.id === someone.id) % AVATAR_COLOURS.length];
  const initials = someone.real_name.split(" ").map((part) => part[0]).join("").slice(0, 2);
  return h("span", { class: `avatar ${colour} ${extra}`, "aria-hidden": "true" }, initials);
}

// Painting ------------------------------------------------------------------------------------------------

function paint() {
  if (!state.channels.some((channel) => channel.id === here)) here = state.channels[0].id;
  paintSwitcher();
  paintPlaces();
  paintTop();
  paintMessages();
  paintThread();
  paintHome();
  paintModal();
  linkState(state.connected, state.connected ? "Trailwarden is connected" : "Trailwarden is not connected");
  becomeAsked();
}

function linkState(up, words) {
  const node = byId("link-state");
  if (node.textContent !== words) node.replaceChildren(h("i", { class: up ? "dot up" : "dot" }), words);
}

/** Replaces the children only when what they show has changed, so that focus and menus survive news; whether it did. */
function paintOnce(node, shown, make) {
  const key = JSON.stringify(shown);
  if (node.dataset.shown === key) return false;
  node.dataset.shown = key;
  node.replaceChildren(...[make()].flat(Infinity).filter(Boolean));
  return true;
}

function paintSwitcher() {
  const myself = person(me);
  paintOnce(byId("switcher"), me, () => [
    avatar(myself), h("span", { class: "switcher-words" }, h("small", {}, "You are"), h("strong", {}, myself.real_name)), icon("chevron")]);
  const people = state.people.filter((each) => !each.is_app && !each.is_slackbot);
  paintOnce(byId("people"), [me, people], () => people.map((each) =>
    h("div", { class: "person" },
      h("button", { type: "button", "aria-pressed": String(each.id === me), "data-person": each.id, onclick: () => become(each.id) },
        avatar(each), h("span", {}, each.real_name, h("small", {}, each.deactivated ? "deactivated" : `@${each.name}`))),
      h("a", { href: `/?as=${each.name}`, target: "_blank", rel: "noopener", title: "In another tab", "aria-label": `Be ${each.real_name} in another tab` }, "↗"))));
}

function unread(channel) {
  const read = lastRead[`${me} ${channel}`] ?? "";
  return state.messages[channel].filter((message) => message.user !== me && message.ts > read).length;
}

function paintPlaces() {
  if (document.visibilityState === "visible" && !(isDirect() && tab === "home"))
    lastRead[`${me} ${here}`] = state.messages[here].at(-1)?.ts ?? "";
  const rows = state.channels.map((channel) => ({ ...channel, unread: unread(channel.id), current: channel.id === here }));
  const row = (channel, sign, label) =>
    h("button", { type: "button", class: channel.unread ? "waiting" : "", "aria-current": channel.current ? "page" : null, "data-channel": channel.id, onclick: () => go(channel.id) },
      sign, h("span", {}, label), channel.unread ? h("b", { class: "badge" }, String(channel.unread), h("span", { class: "unseen" }, " unread")) : null);
  paintOnce(byId("places"), [me, rows], () => [
    h("h2", {}, "Channels"), rows.filter((each) => !each.id.startsWith("D")).map((each) => row(each, h("i", { class: "sign" }, "#"), each.name)),
    h("h2", {}, "Apps"), rows.filter((each) => each.id.startsWith("D")).map((each) => row(each, avatar(bot(), "small"), bot().real_name))]);
  const total = rows.reduce((sum, each) => sum + each.unread, 0);
  document.title = `${total ? `(${total}) ` : ""}Trailwarden playground`;
  byId("drawer").classList.toggle("waiting", total > 0);
}

function paintTop() {
  const channel = state.channels.find((each) => each.id === here);
  byId("place-name").textContent = isDirect() ? bot().real_name : `# ${channel.name}`;
  byId("place-note").textContent = isDirect() ? "" : channel.bot_in ? "Audits, approvals and the daily digest" : "Trailwarden is not in this channel";
  byId("tabs").hidden = !isDirect();
  paintOnce(byId("tabs"), tab, () => ["home", "messages"].map((each) =>
    h("button", { type: "button", "aria-pressed": String(each === tab), onclick: () => showTab(each) }, each === "home" ? "Home" : "Messages")));
  const people = state.people.filter((each) => !each.is_slackbot && (!each.is_app || channel.bot_in));
  byId("members").hidden = isDirect();
  paintOnce(byId("members"), [here, people], () => [people.map((each) => avatar(each, "small")), h("span", {}, String(people.length))]);
  byId("draft").placeholder = `Message ${isDirect() ? bot().real_name : `#${channel.name}`} or ${state.command}`;
  byId("draft-label").textContent = byId("draft").placeholder;
  const atHome = isDirect() && tab === "home";
  byId("composer").hidden = atHome || !channel.takes_words;
  byId("read-only").hidden = atHome || channel.takes_words;
}

function paintMessages() {
  byId("messages").hidden = isDirect() && tab === "home";
  const all = state.messages[here];
  const shown = all.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
  const rows = shown.map((message, place) => ({
    message, follows: follows(shown[place - 1], message), day: newDay(shown[place - 1], message),
    replies: all.filter((reply) => reply.thread_ts === message.ts && reply.ts !== message.ts).map((reply) => reply.user) }));
  paintList(byId("messages"), rows, `${me} ${here}`, emptyPlace);
}

function emptyPlace() {
  return h("div", { class: "empty" }, avatar(bot(), "large"), h("h2", {}, isDirect() ? "Trailwarden writes to you here" : "Is CloudTrail on, everywhere?"),
    byId("composer").hidden ? h("p", {}, "How a change that you asked for ended, for one. Ask for it in a channel.") : h("p", {}, "Ask: ", h("button", { type: "button", class: "example", onclick: () => { byId("draft").value = `${state.command} all`; byId("draft").focus(); } }, `${state.command} all`)));
}

const clock = (ts) => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date(Number(ts) * 1000));
const day = (ts) => new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" }).format(new Date(Number(ts) * 1000));
const newDay = (before, message) => (!before || day(before.ts) !== day(message.ts) ? day(message.ts) : null);
const follows = (before, message) => Boolean(before && before.user === message.user && before.ephemeral === message.ephemeral
  && !newDay(before, message) && Number(message.ts) - Number(before.ts) < 300 && !message.blocks.length && !before.blocks.length);

/** Keeps the nodes of messages that have not changed. */
function paintList(list, rows, place, whenEmpty) {
  const scroll = list.closest(".scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  const moved = list.dataset.place !== place;
  const old = new Map(moved ? [] : [...list.children].map((node) => [node.dataset.ts, node]));
  const nodes = rows.map((row) => {
    const key = JSON.stringify([row, new Date(now()).toDateString()]); // its dates say "today"
    const kept = old.get(row.message.ts);
    return kept?.dataset.key === key ? kept : messageNode(row, key, Boolean(kept) || moved);
  });
  if (!rows.length && whenEmpty) nodes.push(list.querySelector(".empty") && !moved ? list.querySelector(".empty") : whenEmpty());
  list.dataset.place = place;
  const same = nodes.length === list.children.length && nodes.every((node, index) => node === list.children[index]);
  if (same) return;
  list.replaceChildren(...nodes);
  if (moved || atEnd) scroll.scrollTop = scroll.scrollHeight;
}

function messageNode({ message, follows: compact, day: today, replies }, key, quiet) {
  const author = person(message.user);
  const place = { names, people: humans(), channels: publicChannels(), act: (part, block, value, pressed) =>
    act({ channel: here, ts: message.ts }, part, block, value, pressed), file: (id) => address(me, id, load) };
  const body = message.blocks.length ? blocks(message.blocks, place) : h("div", { class: "b-text" }, mrkdwn(message.text, names));
  return h("article", { class: `message${compact ? " compact" : ""}${message.ephemeral ? " ephemeral" : ""}${quiet ? "" : " fresh"}`, "data-ts": message.ts, "data-key": key },
    today ? h("h2", { class: "day" }, h("span", {}, today)) : null,
    message.ephemeral ? h("p", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
    compact ? h("time", { class: "gutter" }, clock(message.ts)) : avatar(author),
    h("div", { class: "message-body" },
      compact ? null : h("header", {}, h("strong", {}, author.real_name),
        author.is_app || author.is_slackbot ? h("span", { class: "app-badge" }, "APP") : null, h("time", {}, clock(message.ts))),
      body, files(message.files, me, load),
      message.edited ? h("small", { class: "edited" }, "(edited)") : null,
      replies?.length ? h("button", { type: "button", class: "replies", onclick: () => showThread(message.ts) },
        [...new Set(replies)].map((id) => avatar(person(id), "small")), `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`) : null));
}

const humans = () => state.people.filter((each) => !each.is_app && !each.is_slackbot);
const publicChannels = () => state.channels.filter((each) => !each.id.startsWith("D"));

function paintThread() {
  const parent = openThread && state.messages[here].find((message) => message.ts === openThread);
  byId("thread").hidden = !parent;
  byId("frame").classList.toggle("with-thread", Boolean(parent));
  if (!parent) return;
  const rows = state.messages[here].filter((message) => message.ts === openThread || message.thread_ts === openThread)
    .map((message) => ({ message, follows: false, day: null }));
  byId("thread-note").textContent = byId("place-name").textContent;
  paintList(byId("replies"), rows, `${me} ${openThread}`);
}

function paintHome() {
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

/** What the server knows to be entered: blocks that were published again keep it. */
function restoreState(where, view) {
  for (const control of where.querySelectorAll("[data-action]")) {
    const value = valueOfState(view?.state[control.dataset.block]?.[control.dataset.action]);
    if (value) restore(control, value);
  }
}

/** So that nobody who works by keyboard starts again at the top after each press; where the button is gone, no other is hit. */
function focusOn(where, { block, action }) {
  const same = [...where.querySelectorAll("[data-action]")].find((each) => each.dataset.block === block && each.dataset.action === action);
  (same ?? where).focus({ preventScroll: true });
}

const viewPlace = (view) => ({ names, people: humans(), channels: publicChannels(), act: (part, block, value, pressed) =>
  act({ view_id: view.id, values: values(byId(view.body.type === "home" ? "home" : "modal")) }, part, block, value, pressed) });

// Doing ---------------------------------------------------------------------------------------------------

async function act(source, part, block, value, pressed) {
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

function become(user) {
  me = user;
  sessionStorage.setItem("me", user);
  openThread = null;
  showPeople(false);
  showDrawer(false);
  polling?.abort();
}

function becomeAsked() {
  if (!asked) return;
  window.history.replaceState(null, "", location.pathname);
  const found = humans().find((each) => [each.name, each.id].includes(asked));
  if (found) become(found.id);
  else toast(`Nobody here is called ${asked}.`);
  asked = null;
}

function go(channel) {
  const waiting = unread(channel);
  if (here !== channel) openThread = null;
  here = channel;
  showDrawer(false);
  if (isDirect()) showTab(waiting ? "messages" : "home");
  else paint();
  if (matchMedia("(min-width: 761px)").matches) byId("draft").focus();
}

function showTab(which) {
  tab = which;
  paint();
  byId("scroll").scrollTop = tab === "home" ? 0 : byId("scroll").scrollHeight;
  deed("open", { tab });
}

function showThread(ts) {
  openThread = ts;
  paint();
}

// Modals --------------------------------------------------------------------------------------------------

let painted = null; // {id, hash} of the modal on the screen

function paintModal() {
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

const controlOf = (block, where = byId("modal")) => where.querySelector(`.b-input[data-block="${CSS.escape(block)}"]`)?.querySelector("[data-action]");
const values = (where = byId("modal")) => Object.fromEntries([...where.querySelectorAll(".b-input")].map((each) =>
  [each.dataset.block, valueOf(each.querySelector("[data-action]"))]));

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

// The composer --------------------------------------------------------------------------------------------

const draft = byId("draft");
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
  await deed("type", { channel: here, text });
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

// The rest ------------------------------------------------------------------------------------------------

/** Who picked or left something by keyboard goes on from where it was opened. */
function showPeople(open) {
  if (!open && byId("people").contains(document.activeElement)) byId("switcher").focus();
  byId("people").hidden = !open;
  byId("switcher").setAttribute("aria-expanded", String(open));
}

function showDrawer(open) {
  const over = byId("frame").classList.contains("drawer-open") && byId("sidebar").contains(document.activeElement);
  if (!open && over) byId("drawer").focus();
  byId("frame").classList.toggle("drawer-open", open);
  byId("drawer").setAttribute("aria-expanded", String(open));
}

function permalink() {
  const [, channel, digits] = location.pathname.match(/^\/archives\/(\w+)\/p(\d+)$/) ?? [];
  if (channel) here = channel;
  const ts = digits && `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  if (ts) setTimeout(() => document.querySelector(`[data-ts="${ts}"]`)?.scrollIntoView({ block: "center" }), 500);
}

byId("switcher").addEventListener("click", () => showPeople(byId("people").hidden));
byId("sidebar").addEventListener("keydown", (event) => { if (event.key === "Escape") { showPeople(false); showDrawer(false); } });
document.addEventListener("click", (event) => { if (!event.target.closest(".switcher")) showPeople(false); });
byId("drawer").addEventListener("click", () => showDrawer(!byId("frame").classList.contains("drawer-open")));
byId("veil").addEventListener("click", () => showDrawer(false));
byId("thread-close").addEventListener("click", () => showThread(null));
byId("modal").addEventListener("cancel", (event) => { event.preventDefault(); cancel(); });
byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
draft.addEventListener("input", () => { marked = -1; grow(); paintSuggestions(); });
draft.addEventListener("keydown", onKey);
draft.addEventListener("blur", () => { byId("suggestions").hidden = true; });
document.addEventListener("visibilitychange", () => state && paintPlaces());
permalink();
poll();

/** What the tour needs of this page. */
export const workspace = {
  led,
  get state() { return state?.me === me ? state : null; },
  get me() { return me; },
  get here() { return here; },
  become,
  go,
  say: (channel, text) => deed("type", { channel, text }),
};
