// The tab "AWS": each account's trails as AWS has them, live.
import { h } from "./dom.js";

const trail = (each) => h("li", {}, each.name, each.logging ? " logs" : " is stopped");

export const trails = {
  name: "aws",
  label: "AWS",
  paint: (shown) => shown.accounts.map((account) => h("section", {},
    h("h3", {}, account.name, " ", h("small", {}, account.id)),
    account.trails.length ? h("ul", {}, account.trails.map(trail)) : h("p", {}, "No trail."))),
};
