// The messages of a channel, and a thread beside them.
import { blocks } from "./blocks.js";
import { now } from "./clock.js";
import { act } from "./deeds.js";
import { byId, h, icon } from "./dom.js";
import { address, files } from "./files.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, bot, here, humans, isDirect, me, names, openThread, person, publicChannels, state, tab } from "./screen.js";
import { load } from "./server.js";

/** `showThread` gets the ts of the parent whose replies are asked for. */
export function paintMessages(showThread) {
  byId("messages").hidden = isDirect() && tab === "home";
  const all = state.messages[here];
  const shown = all.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
  const rows = shown.map((message, place) => ({
    message, follows: follows(shown[place - 1], message), day: newDay(shown[place - 1], message),
    replies: all.filter((reply) => reply.thread_ts === message.ts && reply.ts !== message.ts).map((reply) => reply.user) }));
  paintList(byId("messages"), rows, `${me} ${here}`, { whenEmpty: emptyPlace, showThread });
}

export function paintThread() {
  const parent = openThread && state.messages[here].find((message) => message.ts === openThread);
  byId("thread").hidden = !parent;
  byId("frame").classList.toggle("with-thread", Boolean(parent));
  if (!parent) return;
  const rows = state.messages[here].filter((message) => message.ts === openThread || message.thread_ts === openThread)
    .map((message) => ({ message, follows: false, day: null }));
  byId("thread-note").textContent = byId("place-name").textContent;
  paintList(byId("replies"), rows, `${me} ${openThread}`);
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
function paintList(list, rows, place, { whenEmpty, showThread } = {}) {
  const scroll = list.closest(".scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  const moved = list.dataset.place !== place;
  const old = new Map(moved ? [] : [...list.children].map((node) => [node.dataset.ts, node]));
  const nodes = rows.map((row) => {
    const key = JSON.stringify([row, new Date(now()).toDateString()]); // its dates say "today"
    const kept = old.get(row.message.ts);
    return kept?.dataset.key === key ? kept : messageNode(row, key, Boolean(kept) || moved, showThread);
  });
  if (!rows.length && whenEmpty) nodes.push(list.querySelector(".empty") && !moved ? list.querySelector(".empty") : whenEmpty());
  list.dataset.place = place;
  const same = nodes.length === list.children.length && nodes.every((node, index) => node === list.children[index]);
  if (same) return;
  list.replaceChildren(...nodes);
  if (moved || atEnd) scroll.scrollTop = scroll.scrollHeight;
}

function messageNode({ message, follows: compact, day: today, replies }, key, quiet, showThread) {
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
