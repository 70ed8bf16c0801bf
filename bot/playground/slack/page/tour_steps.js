// The guided tour's six steps: what to do, where it is done, and by what is seen that it has really happened.
import { workspace } from "./app.js";
import { byId } from "./dom.js";
import { call } from "./server.js";

export const CHANNEL = "C0CLOUDSEC";
export const FIRST = "U0ALICE"; // who goes through it; somebody else approves
const OTHER = "U0BOB";
const BROKEN = { account: "456789012345", trail: "arn:aws:cloudtrail:eu-west-1:456789012345:trail/web-trail" };
const [NAME, TRAIL] = ["prod-web", "web-trail"]; // every control passes there until it is stopped

// What has happened ---------------------------------------------------------------------------------------

const isReport = (message) => message.blocks.some((block) => block.block_id === `account-${BROKEN.account}` && block.accessory);
const CARD = /^C-\d+ ([A-Z]+).*?: Fix CloudTrail in (.+), asked by <@(\w+)>/; // the state's first word, the account, who asked
const isCard = (message) => CARD.exec(message.text)?.[2].includes(BROKEN.account) && !message.thread_ts;
const isRefusal = (message) => message.ephemeral && /somebody else must approve/.test(message.text);
const isDigest = (message) => /^CloudTrail digest:/.test(message.text);

/** The newest message of each kind after `since`, a ts of the channel; undefined where there is none. */
export function seen(since) {
  const news = (workspace.state.messages[CHANNEL] ?? []).filter((message) => message.ts > since);
  const card = news.findLast(isCard);
  const after = (is) => card && news.findLast((message) => message.ts > card.ts && is(message));
  return { report: news.findLast(isReport), card, refusal: after(isRefusal), digest: after(isDigest) };
}

async function isStopped() {
  const { accounts } = await call("backstage/aws");
  return accounts.find((each) => each.id === BROKEN.account).trails.some((each) => each.name === TRAIL && !each.logging);
}

const stateOf = (card) => CARD.exec(card.text)[1];
const ended = (card) => !["APPROVAL", "APPROVED", "VERIFIED"].includes(stateOf(card));
const askedBy = (card) => (card ? CARD.exec(card.text)[3] : FIRST);
const approver = (card) => (askedBy(card) === OTHER ? FIRST : OTHER);
const named = (id) => workspace.state.people.find((each) => each.id === id).real_name.split(" ")[0];

// The ways there: each hop has a name, what to point at, and how it is done for the person ----------------------------

/** What lies over the channel is closed first. */
function uncovered() {
  const over = ["backstage", "thread"].find((id) => !byId(id).hidden);
  return over && { name: over, at: () => byId(`${over}-close`), go: () => byId(`${over}-close`).click() };
}

function inChannel() {
  if (workspace.here === CHANNEL) return null;
  return { name: "channel", at: () => document.querySelector(`[data-channel="${CHANNEL}"]`), go: () => workspace.go(CHANNEL) };
}

function as(person) {
  if (workspace.me === person) return null;
  const at = () => (byId("people").hidden ? byId("switcher") : document.querySelector(`#people [data-person="${person}"]`));
  return { name: person, at, go: () => workspace.become(person) };
}

const says = (text) => ({ name: "say", at: () => byId("composer"), go: () => workspace.say(CHANNEL, text), last: true });

function presses(message, block, action) {
  const at = () => message && document.querySelector(`[data-ts="${message.ts}"] [data-action="${action}"]${block ? `[data-block="${block}"]` : ""}`);
  return { name: action, at, go: () => at().click(), last: true };
}

const proposes = ({ report }) => presses(report, `account-${BROKEN.account}`, "propose_fix");

/** In the panel, where its button may be folded away. */
function stops() {
  const place = () => [...byId("backstage-part").querySelectorAll("section")].find((each) => each.textContent.includes(BROKEN.account));
  const inside = () => [...(place()?.querySelectorAll("button, summary") ?? [])].filter((each) => each.checkVisibility());
  const button = () => inside().find((each) => each.textContent === "Stop") ?? inside().find((each) => each.matches("summary"));
  const at = () => (byId("backstage").hidden ? byId("backstage-open") : button() ?? byId("backstage-tabs").firstChild);
  return { name: at().textContent, at, go: () => call("backstage/aws/stop", BROKEN), last: true };
}

/** {title, words(seen), hops(seen), done(seen)}: the first hop that is not null is what to do next. */
export const STEPS = [
  {
    title: "Break a trail",
    words: () => `Open *Backstage* and stop *${TRAIL}* of *${NAME}*, as an intruder would who wants to be unseen.`,
    hops: () => [stops()],
    done: ({ report }) => report || isStopped(),
  },
  {
    title: "Audit",
    words: () => `Ask Trailwarden about that account: type \`/trail-audit ${NAME}\` here. (\`/trail-audit\` alone asks about every account.)`,
    hops: () => [uncovered(), inChannel(), says(`/trail-audit ${NAME}`)],
    done: ({ report }) => report,
  },
  {
    title: "Propose the repair",
    words: () => "The report says FAIL, and why. Press *Propose fix*: nothing is changed yet, a card asks for approval.",
    hops: (is) => [uncovered(), inChannel(), proposes(is)],
    done: ({ card }) => card,
  },
  {
    title: "Be refused",
    words: ({ card }) => `${named(askedBy(card))} asked for this change. Press *Approve* as ${named(askedBy(card))} all the same.`,
    hops: (is) => [uncovered(), inChannel(), as(askedBy(is.card)), presses(is.card, null, "approve")],
    done: ({ refusal }) => refusal,
  },
  {
    title: "Approve as somebody else",
    words: ({ card }) => (ended(card) ? "That change has ended another way. Propose the repair again."
      : stateOf(card) === "APPROVAL" ? `Become ${named(approver(card))} with the switch at the top left, and press *Approve* on the card.`
        : "The trail is started again, read afresh and judged again. The card says VERIFIED once a new log file has come."),
    hops: (is) => (ended(is.card) ? [uncovered(), inChannel(), proposes(is)]
      : [uncovered(), inChannel(), as(approver(is.card)), presses(is.card, null, "approve")]),
    done: ({ card }) => card && stateOf(card) === "VERIFIED",
  },
  {
    title: "Read the digest",
    words: () => "What everybody else sees: type `/trail-audit digest now`. On a schedule it comes by itself.",
    hops: () => [uncovered(), inChannel(), says("/trail-audit digest now")],
    done: ({ card, digest }) => digest && stateOf(card) === "VERIFIED",
  },
];
