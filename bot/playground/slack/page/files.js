// What was uploaded: a picture with its description, anything else as bytes to keep. Nothing of it is ever run.
import { h } from "./dom.js";

const known = new Map(); // `${user} ${file}` -> the promise of an address of its bytes within this page

/** The promise of an address of a file's bytes within this page. */
export function address(user, id, load) {
  const key = `${user} ${id}`;
  if (!known.has(key)) known.set(key, load(`file/${user}/${id}`).then((bytes) => URL.createObjectURL(bytes)));
  return known.get(key);
}

/** Nodes for a message's files. `load` gives the bytes at a path of the page's API. */
export const files = (list, user, load) => list.map((file) => (file.is_image ? picture : parcel)(file, () => address(user, file.id, load)));

function picture(file, at) {
  const image = h("img", { class: "file-picture", alt: file.alt_text || file.title });
  at().then((url) => { image.src = url; }, () => image.replaceWith(h("p", { class: "b-alt" }, `🖼 ${image.alt}`)));
  return h("figure", { class: "file" }, h("figcaption", {}, file.title), image);
}

const KILOBYTES = new Intl.NumberFormat(undefined, { style: "unit", unit: "kilobyte", maximumFractionDigits: 1 });

const sized = (bytes) => (bytes < 1000 ? `${bytes} bytes` : KILOBYTES.format(bytes / 1000));

function parcel(file, at) {
  const keep = async () => h("a", { href: await at(), download: file.name }).click();
  return h("button", { type: "button", class: "file-parcel", onclick: keep, title: `Download ${file.name}` },
    h("span", {}, h("strong", {}, file.title), h("small", {}, `${file.name} · ${sized(file.size)}`)));
}
