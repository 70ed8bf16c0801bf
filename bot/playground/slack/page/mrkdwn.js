// Slack's mrkdwn to DOM nodes, with createElement and text nodes only.
import { now } from "./clock.js";
import { h } from "./dom.js";

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", no_entry: "⛔", no_entry_sign: "🚫",
  warning: "⚠️", rotating_light: "🚨", fire: "🔥", bell: "🔔", no_bell: "🔕", eyes: "👀", mag: "🔍", lock: "🔒", unlock: "🔓",
  key: "🔑", shield: "🛡️", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", clock9: "🕘", calendar: "📅",
  memo: "📝", clipboard: "📋", page_facing_up: "📄", bar_chart: "📊", chart_with_upwards_trend: "📈", package: "📦",
  wrench: "🔧", hammer_and_wrench: "🛠️", gear: "⚙️", rocket: "🚀", wastebasket: "🗑️", recycle: "♻️", sparkles: "✨",
  tada: "🎉", wave: "👋", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", raised_hand: "✋", question: "❓",
  grey_question: "❔", exclamation: "❗", information_source: "ℹ️", bulb: "💡", link: "🔗", robot_face: "🤖", point_right: "👉",
  red_circle: "🔴", large_red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢",
  large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", small_red_triangle: "🔺", arrow_up: "⬆️", arrow_down: "⬇️",
  arrow_right: "➡️", leftwards_arrow_with_hook: "↩️", rewind: "⏪", moneybag: "💰", cloud: "☁️", footprints: "👣",
  speech_balloon: "💬", busts_in_silhouette: "👥", bust_in_silhouette: "👤", construction: "🚧", new: "🆕", zzz: "💤",
};

const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const shortcodes = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => EMOJI[name] ?? all);

/** plain_text: only shortcodes become emoji. */
export const plainText = (text) => shortcodes(unescaped(text));

// In turn: code, <…>, *bold*, _italic_, ~strike~.
const INLINE =
  /`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<!\w)_(?=\S)((?:[^_\n]|\w_\w)*[^_\s])_(?!\w)|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/g;

/** Nodes for a text with mrkdwn. `names` resolves ids: {user(id), channel(id), group(id)} -> text. */
export function mrkdwn(text, names) {
  return text.split(/```\n?/).flatMap((part, place) => {
    if (place % 2) return [h("pre", {}, unescaped(part.replace(/\n$/, "")))];
    return paragraphs(part.replace(/^\n/, ""), names);
  });
}

function paragraphs(text, names) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, number, lines) => {
    const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
    if (quoted) {
      if (quote) quote.append(h("br"));
      else nodes.push((quote = h("blockquote")));
      quote.append(...inline(quoted[1], names));
      return;
    }
    quote = null;
    nodes.push(...inline(line, names));
    if (number < lines.length - 1) nodes.push(h("br"));
  });
  return nodes;
}

function inline(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) nodes.push(plainText(text.slice(end, match.index)));
    nodes.push(marked(match, names));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(plainText(text.slice(end)));
  return nodes;
}

function marked([, code, angle, bold, italic, strike], names) {
  if (code !== undefined) return h("code", { class: code.length < 36 ? "short" : null }, unescaped(code));
  if (angle !== undefined) return reference(angle, names);
  if (bold !== undefined) return h("strong", {}, inline(bold, names));
  if (italic !== undefined) return h("em", {}, inline(italic, names));
  return h("s", {}, inline(strike, names));
}

function reference(angle, names) {
  const [target, label] = split(angle);
  if (target.startsWith("@")) return h("span", { class: "mention" }, `@${names.user(target.slice(1))}`);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${names.channel(target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label ?? "");
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label ?? `@${names.group(target.slice(9))}`);
  if (target.startsWith("!")) return h("span", { class: "mention" }, `@${target.slice(1)}`);
  return anchor(unescaped(target), plainText(label ?? target));
}

function split(angle) {
  const bar = angle.indexOf("|");
  return bar < 0 ? [angle] : [angle.slice(0, bar), angle.slice(bar + 1)];
}

/** A link, if it goes to the web or to a mailbox; else just its words. */
export function anchor(address, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return document.createTextNode(label);
  return h("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, label);
}

const DATE_FORMATS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

function date(target, fallback) {
  const [, seconds, format = ""] = target.split("^");
  const moment = new Date(Number(seconds) * 1000);
  if (Number.isNaN(moment.getTime())) return document.createTextNode(unescaped(fallback));
  const words = format.replace(/\{(\w+)\}/g, (all, name) => dateWords(moment, name) ?? all);
  return h("time", { datetime: moment.toISOString(), title: unescaped(fallback) }, words);
}

function dateWords(moment, name) {
  const pretty = name.endsWith("_pretty");
  const days = Math.round((new Date(moment).setHours(0, 0, 0, 0) - new Date(now()).setHours(0, 0, 0, 0)) / 86400000);
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  if (pretty && near) return near;
  if (name === "ago") return ago(moment);
  const format = DATE_FORMATS[name.replace("_pretty", "")];
  return format && new Intl.DateTimeFormat(undefined, format).format(moment);
}

function ago(moment) {
  const minutes = Math.round((moment - now()) / 60000);
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / 1440), "day");
}

/** Nodes for the elements of a rich_text block. */
export function richText(elements, names) {
  return elements.map((part) => {
    if (part.type === "rich_text_list")
      return h(part.style === "ordered" ? "ol" : "ul", {}, part.elements.map((item) => h("li", {}, richText([item], names))));
    const inner = (part.elements ?? []).map((piece) => richPiece(piece, names));
    if (part.type === "rich_text_preformatted") return h("pre", {}, inner);
    if (part.type === "rich_text_quote") return h("blockquote", {}, inner);
    return h("span", { class: "rich" }, inner);
  });
}

function richPiece(piece, names) {
  if (piece.type === "user") return h("span", { class: "mention" }, `@${names.user(piece.user_id)}`);
  if (piece.type === "channel") return h("span", { class: "mention" }, `#${names.channel(piece.channel_id)}`);
  if (piece.type === "emoji") return document.createTextNode(EMOJI[piece.name] ?? `:${piece.name}:`);
  if (piece.type === "link") return anchor(piece.url, piece.text ?? piece.url);
  const wrap = { code: "code", bold: "strong", italic: "em", strike: "s" };
  let node = document.createTextNode(piece.text ?? piece.fallback ?? "");
  for (const [style, tag] of Object.entries(wrap)) if (piece.style?.[style]) node = h(tag, {}, node);
  return node;
}
