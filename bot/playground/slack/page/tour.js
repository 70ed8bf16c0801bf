// The guided tour: a card above the composer, which goes on by itself when a step has really happened.
import { workspace } from "./app.js";
import { byId, h, toast } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { CHANNEL, FIRST, STEPS, seen } from "./tour_steps.js";

const LOOK_EVERY = 300; // milliseconds
const GIVES_UP = 30000; // milliseconds after which "Do it for me" may be pressed again
const KEPT = "tour"; // in sessionStorage: {since, reached}, or "over"

let tour = null; // {since: the ts after which things count, reached: the step that is next, shown: the one on the card}
let busy = false; // what was pressed is being done
let looking = false;
let pointed = ""; // what the person was last led to

const keep = () => sessionStorage.setItem(KEPT, tour ? JSON.stringify({ since: tour.since, reached: tour.reached }) : "over");

function start() {
  tour = { since: workspace.state.messages[CHANNEL].at(-1)?.ts ?? "", reached: 0, shown: 0 };
  keep();
  if (workspace.me !== FIRST) workspace.become(FIRST);
  workspace.go(CHANNEL);
  paint();
  byId("tour").focus();
}

function end() {
  const inside = byId("tour").contains(document.activeElement);
  tour = null;
  keep();
  paint();
  if (inside) [byId("tour-start"), byId("drawer")].find((each) => each.checkVisibility({ visibilityProperty: true }))?.focus();
}

/** Where one left it; at the first visit it begins by itself, except where somebody came for something else. */
function resume() {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === "over") return;
  const { since, reached } = kept ? JSON.parse(kept) : { since: workspace.state.messages[CHANNEL].at(-1)?.ts ?? "", reached: 0 };
  tour = { since, reached, shown: reached };
  keep();
}

async function look() {
  if (looking || !tour || !workspace.state) return;
  looking = true;
  try {
    const reached = await furthest(tour.reached, seen(tour.since));
    if (tour && reached > tour.reached) advance(reached);
  } catch {
    // the workspace does not answer; the page says so, and the next look is soon
  } finally {
    looking = false;
  }
  paint();
}

/** The first step that is still to be done: what was done out of turn counts. */
async function furthest(from, is) {
  for (let step = STEPS.length - 1; step >= from; step -= 1) if (await STEPS[step].done(is)) return step + 1;
  return from;
}

function advance(reached) {
  const follows = tour.shown === tour.reached;
  Object.assign(tour, { reached, shown: follows ? reached : tour.shown });
  busy = false;
  keep();
}

const next = (hops) => hops.find(Boolean);

async function doIt(step) {
  busy = true;
  paint();
  const until = Date.now() + GIVES_UP;
  while (busy && Date.now() < until) {
    const hop = workspace.state && next(STEPS[step].hops(seen(tour.since)));
    if (hop?.at()) {
      await hop.go();
      if (hop.last) break;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

// Painting ------------------------------------------------------------------------------------------------

function paint() {
  byId("tour").hidden = !tour;
  const step = tour && STEPS[tour.shown];
  point(step && tour.shown === tour.reached && workspace.state ? next(step.hops(seen(tour.since))) : null);
  if (!tour || !workspace.state) return;
  const words = step ? step.words(seen(tour.since)) : "You have seen how Trailwarden works. Backstage has more to break: its tab Chaos does it to the bot itself.";
  say("tour-title", step ? `${tour.shown + 1} of ${STEPS.length}: ${step.title}${tour.shown < tour.reached ? " ✓" : ""}` : `All ${STEPS.length} done`);
  say("tour-words", words);
  paintButtons(step);
  leaveRoom();
}

/** Only what has changed is said again by a screen reader. */
function say(id, words) {
  const node = byId(id);
  if (node.dataset.said === words) return;
  node.dataset.said = words;
  node.replaceChildren(...mrkdwn(words, {}));
}

function paintButtons(step) {
  const place = byId("tour-buttons");
  const key = JSON.stringify([tour.shown, tour.reached, busy]);
  if (place.dataset.shown === key) return;
  const held = place.contains(document.activeElement);
  place.dataset.shown = key;
  place.replaceChildren(...buttons(step).map(([label, style, press]) => h("button", { type: "button", class: `button ${style}`, onclick: press, disabled: !press }, label)));
  if (held) (place.querySelector(".primary:enabled") ?? byId("tour")).focus();
}

function buttons(step) {
  const turn = (by) => () => { tour.shown += by; paint(); };
  const back = tour.shown ? [["Back", "", turn(-1)]] : [];
  if (!step) return [["Finish", "primary", end], ...back];
  if (tour.shown < tour.reached) return [["Next", "primary", turn(1)], ...back, ["Skip the tour", "quiet", end]];
  const press = () => doIt(tour.shown).catch((problem) => { busy = false; toast(problem.message); paint(); });
  return [busy ? ["Under way…", "primary", null] : ["Do it for me", "primary", press], ...back, ["Skip the tour", "quiet", end]];
}

/** An outline, and once the way there is another, into view. What is in a closed drawer is found through its button. */
function point(hop) {
  const found = hop?.at();
  const target = found && (found.checkVisibility({ visibilityProperty: true }) ? found : byId("drawer"));
  for (const each of document.querySelectorAll(".pointed")) if (each !== target) each.classList.remove("pointed");
  target?.classList.add("pointed");
  const led = target ? `${tour.shown} ${hop.name}` : "";
  if (target && led !== pointed) target.scrollIntoView({ block: "nearest" });
  pointed = led;
}

/** What lies over the page on a phone ends where the card begins. */
function leaveRoom() {
  document.documentElement.style.setProperty("--tour-room", `${innerHeight - byId("tour").getBoundingClientRect().top}px`);
}

function onEscape(event) {
  const free = event.target === document.body || byId("tour").contains(event.target);
  if (event.key === "Escape" && tour && free && !document.querySelector("dialog[open]")) end();
}

const waits = setInterval(() => {
  if (!workspace.state) return;
  clearInterval(waits);
  if (workspace.led || sessionStorage.getItem(KEPT)) resume();
  setInterval(look, LOOK_EVERY);
}, 50);
byId("tour-start").addEventListener("click", () => { workspace.state && start(); });
document.addEventListener("keydown", onEscape);
