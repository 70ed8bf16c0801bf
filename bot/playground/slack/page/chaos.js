// The tab "Chaos": what goes wrong in a company's life, done to the real bot.
import { h } from "./dom.js";

const DEEDS = [ // [its name at the server, the button, what happens]
  ["double", "Double click", "Somebody presses Approve twice at once, on the newest open card. One approval counts."],
  ["both", "Approve and deny", "Two people decide the newest open card at the same moment. One decision holds, and the other is told."],
  ["kill", "Kill in mid-change", "Then approve a card: the bot is killed while its first write is at AWS, and started again. It looks what became of the write, and writes nothing twice."],
  ["restart", "Restart the bot", "Kills its process where it stands, and starts another."],
  ["limit", "Slack answers 429", "The next 5 posts and repaints are refused: try again in a second. Each message comes all the same, once."],
  ["drop", "Drop the websocket", "The connection to Slack is cut. The bot comes back within seconds."],
  ["twice", "Deliver twice", "The next 5 clicks, commands and events come twice, as Slack may. Each counts once."],
  ["tomorrow", "Tomorrow, 09:00", "Moves the clock of AWS, Slack and the bot. A daily digest for 09:00 UTC comes then."],
];
const NEEDS_A_SOCKET = "drop";

let root = null;
const now = h("p", { class: "chaos-now" });
const armed = h("section", { class: "armed", role: "status" });
const done = h("ol", { class: "chaos-done" });

const utc = (moment) => moment.slice(0, 16).replace("T", " ");

/** Buttons are built once: who presses them by keyboard stays on them. */
function build(way, deed) {
  const offered = DEEDS.filter(([name]) => way === "socket" || name !== NEEDS_A_SOCKET);
  const without = way === "socket" ? null : h("p", {}, "Slack reaches the bot over signed HTTP: there is no websocket to drop.");
  return h("div", { class: "chaos" }, now, armed,
    offered.map(([name, label, words]) => h("div", { class: "deed" },
      h("p", {}, words), h("button", { type: "button", class: "button", "data-deed": name, onclick: (event) => press(event.currentTarget, () => deed(name)) }, label))),
    without, h("h3", {}, "What was done"), done);
}

async function press(button, run) {
  button.classList.add("working");
  await run();
  button.classList.remove("working");
}

function paintArmed(words, deed) {
  armed.hidden = !words.length;
  if (armed.dataset.shown === words.join()) return;
  armed.dataset.shown = words.join();
  armed.replaceChildren(h("h3", {}, "Armed"), h("ul", {}, words.map((each) => h("li", {}, each))),
    h("button", { type: "button", class: "button", "data-deed": "calm", onclick: () => deed("calm") }, "All is well again"));
}

const entry = ({ at, said, since }) => h("li", {}, h("time", { datetime: at }, at.slice(11, 16)), " ", said, since.map((each) => h("small", {}, each)));

export const chaos = {
  name: "chaos",
  label: "Chaos",
  paint(shown, deed) {
    root ??= build(shown.way, deed);
    now.replaceChildren("It is ", h("time", { datetime: shown.now }, utc(shown.now)), " UTC here, on AWS and for the bot.");
    paintArmed(shown.armed, deed);
    done.replaceChildren(...(shown.done.length ? shown.done.map(entry) : [h("li", {}, "Nothing yet.")]));
    return root;
  },
};
