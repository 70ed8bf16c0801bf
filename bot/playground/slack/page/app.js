// The page: one person's screen of the local workspace. It polls for news, and each module paints its part of them.
import { itIs } from "./clock.js";
import "./composer.js";
import { deed, say } from "./deeds.js";
import { byId, h, paintOnce, toast } from "./dom.js";
import { paintMessages, paintThread } from "./messages.js";
import { actAs, avatar, bot, heard, here, humans, isDirect, lookAt, me, readThread, state, tab, turnTo } from "./screen.js";
import { call } from "./server.js";
import { linkState, paintPlaces, paintSwitcher, showDrawer, showPeople, unread } from "./sidebar.js";
import { paintHome, paintModal } from "./views.js";

let asked = new URLSearchParams(location.search).get("as"); // whom this tab is to be, by `/?as=bob`
const led = location.pathname === "/" && !location.search; // came for nothing in particular
let polling = null; // the AbortController of the request that waits for news

async function poll() {
  for (;;) {
    polling = new AbortController();
    try {
      const seen = state && state.me === me ? `?seen=${state.version}.${state.sockets}` : "";
      const news = await call(`state/${me}${seen}`, null, polling.signal);
      if (news.me === me) { heard(news); itIs(news.now); paint(); }
    } catch (problem) {
      if (problem.name === "AbortError") continue;
      linkState(false, "The workspace does not answer.");
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

function paint() {
  if (!state.channels.some((channel) => channel.id === here)) lookAt(state.channels[0].id);
  paintSwitcher(become);
  paintPlaces(go);
  paintTop();
  paintMessages(showThread);
  paintThread();
  paintHome();
  paintModal();
  linkState(state.connected, state.connected ? "Trailwarden is connected" : "Trailwarden is not connected");
  becomeAsked();
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

// Going about ---------------------------------------------------------------------------------------------

function become(user) {
  actAs(user);
  showPeople(false);
  showDrawer(false);
  polling?.abort();
}

function becomeAsked() {
  if (!asked) return;
  history.replaceState(null, "", location.pathname);
  const found = humans().find((each) => [each.name, each.id].includes(asked));
  if (found) become(found.id);
  else toast(`Nobody here is called ${asked}.`);
  asked = null;
}

function go(channel) {
  const waiting = unread(channel);
  lookAt(channel);
  showDrawer(false);
  if (isDirect()) showTab(waiting ? "messages" : "home");
  else paint();
  if (matchMedia("(min-width: 761px)").matches) byId("draft").focus();
}

function showTab(which) {
  turnTo(which);
  paint();
  byId("scroll").scrollTop = tab === "home" ? 0 : byId("scroll").scrollHeight;
  deed("open", { tab });
}

function showThread(ts) {
  readThread(ts);
  paint();
}

function permalink() {
  const [, channel, digits] = location.pathname.match(/^\/archives\/(\w+)\/p(\d+)$/) ?? [];
  if (channel) lookAt(channel);
  const ts = digits && `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  if (ts) setTimeout(() => document.querySelector(`[data-ts="${ts}"]`)?.scrollIntoView({ block: "center" }), 500);
}

byId("thread-close").addEventListener("click", () => showThread(null));
document.addEventListener("visibilitychange", () => state && paintPlaces(go));
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
  say,
};
