// The tab "AWS": each account's trails as AWS has them, live, and buttons that break them.
import { h } from "./dom.js";
import { newsOf } from "./trail_news.js";

const MARKED_FOR = 8000; // milliseconds

const sections = new Map(); // by account id: { account, node, deed }
const marks = new Map(); // by account id: what is news there, for a while

const filter = h("input", { type: "text", id: "aws-filter", autocomplete: "off", spellcheck: "false", placeholder: "Name or id", oninput: sift });
const onlyWrong = h("input", { type: "checkbox", onchange: sift });
const tally = h("p", { class: "aws-tally", role: "status" });
const list = h("div", { class: "aws-accounts" });
const newName = h("input", { type: "text", id: "aws-new", autocomplete: "off", maxlength: "50", placeholder: "New account" });
const adding = h("form", { class: "aws-row" },
  h("label", { class: "unseen", for: "aws-new" }, "Name of a new account"), newName,
  h("button", { class: "button" }, "Add an account"));
const root = h("div", { class: "aws" },
  h("div", { class: "aws-tools" },
    h("div", { class: "aws-row" }, h("label", { class: "unseen", for: "aws-filter" }, "Name or id of an account"), filter,
      h("label", { class: "aws-check" }, onlyWrong, "Only what is wrong")),
    tally),
  adding, list);
let awaited = ""; // the name of an account that was just added

export const trails = {
  name: "aws",
  label: "AWS",
  paint(shown, deed) {
    adding.onsubmit = (event) => { event.preventDefault(); add(deed); };
    const first = sections.size === 0;
    const added = first ? null : shown.accounts.find((account) => account.name === awaited && !sections.has(account.id));
    for (const account of shown.accounts) {
      const known = sections.get(account.id);
      if (known && JSON.stringify(known.account) === JSON.stringify(account)) continue;
      if (!first) mark(account.id, newsOf(account, known?.account));
      draw(account, deed);
    }
    const nodes = shown.accounts.map((account) => sections.get(account.id).node);
    if (nodes.some((node, at) => list.children[at] !== node)) list.replaceChildren(...nodes);
    sift();
    if (added) sections.get(added.id).node.scrollIntoView({ block: "nearest" });
    return root;
  },
};

async function add(deed) {
  awaited = newName.value.trim();
  if (await deed("add-account", { name: awaited })) newName.value = "";
}

/** A change is told in words for a few seconds. */
function mark(id, news) {
  if (!news.size) return;
  clearTimeout(marks.get(id)?.timer);
  const all = new Set([...news, ...(marks.get(id)?.news ?? [])]);
  marks.set(id, { news: all, timer: setTimeout(() => unmark(id), MARKED_FOR) });
}

function unmark(id) {
  marks.delete(id);
  const { account, deed } = sections.get(id);
  draw(account, deed);
  sift();
}

/** An account anew; its menu stays open, and who was on one of its buttons stays there. */
function draw(account, deed) {
  const old = sections.get(account.id)?.node;
  const at = old?.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const node = section(account, deed, marks.get(account.id)?.news ?? new Set(), Boolean(old?.querySelector("details").open));
  sections.set(account.id, { account, node, deed });
  old?.replaceWith(node);
  if (at) ([...node.querySelectorAll("[data-key]")].find((each) => each.dataset.key === at) ?? node.querySelector("summary")).focus();
}

function sift() {
  const wanted = filter.value.trim().toLowerCase();
  const all = [...sections.values()];
  for (const { account, node } of all) {
    const named = account.name.toLowerCase().includes(wanted) || account.id.includes(wanted);
    node.hidden = !named || (onlyWrong.checked && !account.wrong && !marks.has(account.id));
  }
  const changed = all.map(({ account }) => account).filter(({ id }) => marks.has(id));
  const wrong = all.filter(({ account }) => account.wrong).length;
  const none = all.every(({ node }) => node.hidden) ? " None of them is shown." : "";
  say(changed.length ? ["Changed just now: ", ...changed.map(({ id, name }) => link(name, () => go(id)))]
    : [`${all.length} accounts, something is wrong in ${wrong}.${none}`]);
}

/** Only what is new: it is read aloud. */
function say(words) {
  const told = h("p", {}, words);
  if (told.textContent !== tally.textContent) tally.replaceChildren(...told.childNodes);
}

const link = (label, onclick) => h("button", { type: "button", class: "aws-link", onclick }, label);

function go(id) {
  filter.value = "";
  sift();
  const { node } = sections.get(id);
  node.scrollIntoView({ block: "center" });
  node.querySelector("summary").focus({ preventScroll: true });
}

const justNow = (is) => is ? h("strong", { class: "just-now" }, "changed just now") : null;
const fact = (each, isNews) => h("li", { class: `fact${each.wrong ? " wrong" : ""}${isNews ? " news" : ""}` }, each.text);

function section(account, deed, news, open) {
  const button = (label, name, key = name, trail = {}) => h("button", { type: "button", class: "button", "data-key": `${trail.arn ?? ""} ${key}`,
    onclick: (event) => press(event.currentTarget, () => deed(name, { account: account.id, trail: trail.arn })) }, label);
  return h("section", { class: `account${account.wrong ? " wrong" : ""}` },
    h("h3", {}, account.name, " ", h("small", {}, `${account.id} · ${account.path}`), " ", justNow(news.has("account"))),
    account.notes.length ? h("ul", { class: "facts" }, account.notes.map((each) => fact(each, news.has(`note ${each.text}`)))) : null,
    account.trails.map((trail) => described(trail, news)),
    h("details", { open }, h("summary", { "data-key": "menu" }, "Break or mend", h("span", { class: "unseen" }, ` ${account.name}`)),
      account.trails.filter((trail) => trail.own).map((trail) => group(trail.name,
        button(trail.logging ? "Stop" : "Start", trail.logging ? "stop" : "start", "logging", trail),
        button("Record writes only", "narrow", "narrow", trail),
        button("Delete its bucket", "delete-bucket", "delete-bucket", trail))),
      group("The account", account.closed ? button("Let the bot in", "allow") : null,
        button("Deny reading", "deny-reading"), button("Deny changes", "deny-changes"), button("Throttle", "throttle"))));
}

function described(trail, news) {
  const delivered = `${trail.delivery.text} ${trail.delivery.age}`.trim();
  return h("div", { class: "aws-trail" },
    h("h4", {}, trail.name, " ", h("small", {}, trail.region), " ", justNow(news.has(trail.arn))),
    h("ul", { class: "facts" }, trail.facts.map((each) => fact(each, news.has(`${trail.arn} ${each.text}`)))),
    h("p", { class: "soft" }, h("span", { class: trail.delivery.wrong ? "wrong" : null }, delivered), ", in bucket ", h("code", {}, trail.bucket)),
    trail.own ? null : h("p", { class: "soft" }, "A copy: only the account that owns it changes it."));
}

const group = (label, ...buttons) => h("div", { class: "aws-group", role: "group", "aria-label": label }, h("p", {}, label), h("div", {}, buttons));

async function press(button, does) {
  if (button.classList.contains("working")) return;
  button.classList.add("working");
  await does();
  button.classList.remove("working");
}
