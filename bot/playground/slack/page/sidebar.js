// The sidebar, which is a drawer on a phone: who one is, the places, and whether the bot is connected.
import { byId, h, icon, paintOnce } from "./dom.js";
import { avatar, bot, here, humans, isDirect, me, person, state, tab } from "./screen.js";

const lastRead = {}; // `${user} ${channel}` -> ts

export function linkState(up, words) {
  const node = byId("link-state");
  if (node.textContent !== words) node.replaceChildren(h("i", { class: up ? "dot up" : "dot" }), words);
}

export function paintSwitcher(become) {
  const myself = person(me);
  paintOnce(byId("switcher"), me, () => [
    avatar(myself), h("span", { class: "switcher-words" }, h("small", {}, "You are"), h("strong", {}, myself.real_name)), icon("chevron")]);
  const people = humans();
  paintOnce(byId("people"), [me, people], () => people.map((each) =>
    h("div", { class: "person" },
      h("button", { type: "button", "aria-pressed": String(each.id === me), "data-person": each.id, onclick: () => become(each.id) },
        avatar(each), h("span", {}, each.real_name, h("small", {}, each.deactivated ? "deactivated" : `@${each.name}`))),
      h("a", { href: `/?as=${each.name}`, target: "_blank", rel: "noopener", title: "In another tab", "aria-label": `Be ${each.real_name} in another tab` }, "↗"))));
}

export function unread(channel) {
  const read = lastRead[`${me} ${channel}`] ?? "";
  return state.messages[channel].filter((message) => message.user !== me && message.ts > read).length;
}

export function paintPlaces(go) {
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

/** Who picked or left something by keyboard goes on from where it was opened. */
export function showPeople(open) {
  if (!open && byId("people").contains(document.activeElement)) byId("switcher").focus();
  byId("people").hidden = !open;
  byId("switcher").setAttribute("aria-expanded", String(open));
}

export function showDrawer(open) {
  const over = byId("frame").classList.contains("drawer-open") && byId("sidebar").contains(document.activeElement);
  if (!open && over) byId("drawer").focus();
  byId("frame").classList.toggle("drawer-open", open);
  byId("drawer").setAttribute("aria-expanded", String(open));
}

byId("switcher").addEventListener("click", () => showPeople(byId("people").hidden));
byId("sidebar").addEventListener("keydown", (event) => { if (event.key === "Escape") { showPeople(false); showDrawer(false); } });
document.addEventListener("click", (event) => { if (!event.target.closest(".switcher")) showPeople(false); });
byId("drawer").addEventListener("click", (event) => {
  const open = !byId("frame").classList.contains("drawer-open");
  showDrawer(open);
  if (open && event.detail === 0) byId("switcher").focus({ preventScroll: true }); // by keyboard: what is opened comes before its button
});
byId("veil").addEventListener("click", () => showDrawer(false));
