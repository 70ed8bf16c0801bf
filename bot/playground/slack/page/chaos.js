// The tab "Chaos": what goes wrong in a company's life, done to the real bot.
import { h } from "./dom.js";

const DEEDS = [ // [its name at the server, the button, what happens]
  ["restart", "Restart the bot", "Kills its process where it stands, and starts another. Try it while a change is being applied."],
  ["tomorrow", "Tomorrow, 09:00", "Moves the clock of AWS, Slack and the bot. A daily digest comes then."],
];

export const chaos = {
  name: "chaos",
  label: "Chaos",
  paint: (shown, deed) => [
    h("p", {}, "It is ", h("time", { datetime: shown.now }, shown.now.slice(0, 16).replace("T", " ")), " UTC here."),
    DEEDS.map(([name, label, words]) => h("div", { class: "deed" },
      h("h3", {}, label), h("button", { type: "button", class: "button", onclick: () => deed(name) }, label), h("p", {}, words))),
  ],
};
