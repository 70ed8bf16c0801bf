// What is known, who looks at what, and who is who. Nothing is set but by the functions here.
import { h, icon } from "./dom.js";

const AVATAR_COLOURS = ["c0", "c1", "c2", "c3", "c4", "c5"];

export let state = null; // what the server last told
export let me = sessionStorage.getItem("me") ?? "U0ALICE";
export let here = "C0CLOUDSEC"; // channel id
export let tab = "messages"; // of the bot's own place: "home" or "messages"
export let openThread = null; // ts of its parent

export function heard(news) {
  state = news;
}

export function actAs(user) {
  me = user;
  sessionStorage.setItem("me", user);
  openThread = null;
}

export function lookAt(channel) {
  if (here !== channel) openThread = null;
  here = channel;
}

export function turnTo(which) {
  tab = which;
}

/** `ts` of its parent; null closes it. */
export function readThread(ts) {
  openThread = ts;
}

// Names ---------------------------------------------------------------------------------------------------

export const person = (id) => state.people.find((each) => each.id === id) ?? { id, name: id, real_name: id };
export const bot = () => state.people.find((each) => each.is_app);
export const humans = () => state.people.filter((each) => !each.is_app && !each.is_slackbot);
export const publicChannels = () => state.channels.filter((each) => !each.id.startsWith("D"));
export const isDirect = () => here.startsWith("D");
export const names = {
  user: (id) => person(id).name,
  channel: (id) => state.channels.find((each) => each.id === id)?.name ?? id,
  group: (id) => state.groups.find((each) => each.id === id)?.handle ?? id,
};

export function avatar(someone, extra = "") {
  if (someone.is_app) return h("span", { class: `avatar app ${extra}`, "aria-hidden": "true" }, icon("shield"));
  const colour = AVATAR_COLOURS[state.people.findIndex((each) => each.id === someone.id) % AVATAR_COLOURS.length];
  const initials = someone.real_name.split(" ").map((part) => part[0]).join("").slice(0, 2);
  return h("span", { class: `avatar ${colour} ${extra}`, "aria-hidden": "true" }, initials);
}
