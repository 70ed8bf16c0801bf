// Block Kit to DOM nodes. `place` says where the blocks are: {names, people, channels, act, state}.
import { h } from "./dom.js";
import { mrkdwn, plainText, richText } from "./mrkdwn.js";

/** Nodes for a list of blocks. An unknown block is shown as its text, with a note. */
export const blocks = (list, place) => list.map((block) => (BLOCKS[block.type] ?? unknown)(block, place));

const words = (object, place) => (object.type === "mrkdwn" ? mrkdwn(object.text, place.names) : plainText(object.text));

const BLOCKS = {
  header: (block) => h("h3", { class: "b-header" }, plainText(block.text.text)),
  divider: () => h("hr"),
  section: (block, place) =>
    h("div", { class: "b-section" },
      h("div", { class: "b-section-body" },
        block.text ? h("div", { class: "b-text" }, words(block.text, place)) : null,
        block.fields ? h("div", { class: "b-fields" }, block.fields.map((field) => h("div", {}, words(field, place)))) : null),
      block.accessory ? h("div", { class: "b-accessory" }, element(block.accessory, block, place)) : null),
  context: (block, place) =>
    h("div", { class: "b-context" }, block.elements.map((part) =>
      part.type === "image" ? image(part, "b-context-image", place) : h("span", {}, words(part, place)))),
  actions: (block, place) => h("div", { class: "b-actions" }, block.elements.map((part) => element(part, block, place))),
  image: (block, place) => h("figure", {}, block.title ? h("figcaption", {}, plainText(block.title.text)) : null, image(block, "b-image", place)),
  rich_text: (block, place) => h("div", { class: "b-text" }, richText(block.elements, place.names)),
  alert: (block, place) => h("div", { class: `b-alert ${block.level ?? "default"}`, role: "note" }, words(block.text, place)),
  input,
  table,
};

function unknown(block) {
  const texts = [];
  JSON.stringify(block, (key, value) => { if (key === "text" && typeof value === "string") texts.push(value); return value; });
  return h("div", { class: "b-unknown" }, texts.join("\n"), h("small", {}, `A block of type “${block.type}”, shown as text.`));
}

/** What was uploaded is shown. Nothing is loaded from elsewhere: such a picture is its description. */
function image(part, name, place) {
  const described = () => h("span", { class: "b-alt" }, `🖼 ${part.alt_text}`);
  if (/^data:image\//.test(part.image_url ?? "")) return h("img", { class: name, src: part.image_url, alt: part.alt_text });
  if (!part.slack_file?.id || !place.file) return described();
  const node = h("img", { class: name, alt: part.alt_text });
  place.file(part.slack_file.id).then((url) => { node.src = url; }, () => node.replaceWith(described()));
  return node;
}

function table(block, place) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (content, column) =>
    h(tag, { class: `${settings[column]?.align ?? "left"} ${settings[column]?.is_wrapped ? "wrapped" : ""}`, scope: tag === "th" ? "col" : null },
      content.type === "rich_text" ? richText(content.elements, place.names) : plainText(content.text));
  const [head, ...rows] = block.rows;
  return h("div", { class: "b-table", tabindex: 0, role: "group", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map(cell("th")))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))));
}

function input(block, place) {
  const id = `field-${block.block_id}`;
  const control = element(block.element, block, { ...place, inputId: id, act: block.dispatch_action ? place.act : null });
  const grouped = control.matches("fieldset");
  return h("div", { class: "b-input", "data-block": block.block_id },
    h(grouped ? "span" : "label", { class: "b-label", for: grouped ? null : id }, plainText(block.label.text),
      block.optional ? h("span", { class: "b-optional" }, " (optional)") : null),
    control,
    block.hint ? h("p", { class: "b-hint" }, plainText(block.hint.text)) : null,
    h("p", { class: "b-error", id: `${id}-error`, hidden: true }));
}

// Elements ------------------------------------------------------------------------------------------------

function element(part, block, place) {
  const make = ELEMENTS[part.type];
  if (!make) return unknown(part);
  const node = make(part, place, (value, pressed) => place.act?.(part, block, value, pressed));
  node.dataset.action = part.action_id ?? "";
  node.dataset.block = block.block_id ?? "";
  return node;
}

const optionsOf = (part) => (part.option_groups ?? [part]).flatMap((group) => group.options ?? []);

const ELEMENTS = {
  button(part, _place, act) {
    const style = part.style ? ` ${part.style}` : "";
    const button = h("button", { type: "button", class: `button${style}`, "aria-label": part.accessibility_label },
      plainText(part.text.text));
    button.addEventListener("click", () => {
      if (part.url && /^https?:\/\//.test(part.url)) window.open(part.url, "_blank", "noopener");
      act(null, button);
    });
    return button;
  },
  image: (part, place) => image(part, "b-image-small", place),
  overflow(part, _place, act) {
    const menu = h("div", { class: "menu", hidden: true, role: "group", "aria-label": "More actions" });
    const opener = h("button", { type: "button", class: "button more", "aria-label": "More actions", "aria-expanded": "false" }, "⋯");
    const show = (open) => { menu.hidden = !open; opener.setAttribute("aria-expanded", String(open)); };
    opener.addEventListener("click", () => show(menu.hidden));
    menu.append(...part.options.map((option) =>
      h("button", { type: "button", onclick: () => { show(false); act(option.value, opener); } }, plainText(option.text.text))));
    const box = h("span", { class: "overflow" }, opener, menu);
    box.addEventListener("keydown", (event) => { if (event.key === "Escape" && !menu.hidden) { event.stopPropagation(); show(false); opener.focus(); } });
    box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) show(false); });
    return box;
  },
  static_select(part, place, act) {
    const chosen = part.initial_option?.value;
    const groups = part.option_groups
      ? part.option_groups.map((group) => h("optgroup", { label: plainText(group.label.text) }, group.options.map((each) => optionNode(each, chosen))))
      : part.options.map((each) => optionNode(each, chosen));
    return select(part, place, act, groups);
  },
  users_select: (part, place, act) =>
    select(part, place, act, place.people.map((person) => optionNode({ text: { text: person.name }, value: person.id }, part.initial_user))),
  conversations_select: (part, place, act) =>
    select(part, place, act, place.channels.map((channel) =>
      optionNode({ text: { text: `#${channel.name}` }, value: channel.id }, part.initial_conversation))),
  radio_buttons: (part, place, act) => choices(part, place, act, "radio", [part.initial_option?.value]),
  checkboxes: (part, place, act) => choices(part, place, act, "checkbox", (part.initial_options ?? []).map((each) => each.value)),
  multi_static_select: (part, place, act) => choices(part, place, act, "checkbox", (part.initial_options ?? []).map((each) => each.value)),
  plain_text_input(part, place, act) {
    const attributes = { id: place.inputId, placeholder: part.placeholder?.text, maxlength: part.max_length, autofocus: part.focus_on_load };
    const field = part.multiline ? h("textarea", { ...attributes, rows: 4 }) : h("input", { ...attributes, type: "text", autocomplete: "off", spellcheck: "false" });
    field.value = part.initial_value ?? "";
    field.addEventListener("change", () => act(field.value));
    return field;
  },
  datepicker: (part, place, act) => picker(part, place, act, "date", part.initial_date),
  timepicker: (part, place, act) => picker(part, place, act, "time", part.initial_time),
};

const optionNode = (option, chosen) => h("option", { value: option.value, selected: option.value === chosen }, plainText(option.text.text));

function select(part, place, act, children) {
  const first = h("option", { value: "" }, part.placeholder ? plainText(part.placeholder.text) : "Choose…");
  const node = h("select", { id: place.inputId, "aria-label": place.inputId ? null : part.placeholder?.text ?? "Choose" }, first, children);
  node.addEventListener("change", () => node.value && act(node.value));
  return node;
}

function choices(part, place, act, kind, chosen) {
  const name = `${place.inputId ?? "choice"}-${part.action_id}-${Math.random()}`;
  const box = h("fieldset", { class: "choices", id: place.inputId }, optionsOf(part).map((option) =>
    h("label", {}, h("input", { type: kind, name, value: option.value, checked: chosen.includes(option.value) }),
      h("span", {}, words(option.text, place), option.description ? h("small", {}, plainText(option.description.text)) : null))));
  box.addEventListener("change", () => act(valueOf(box)));
  return box;
}

function picker(part, place, act, type, initial) {
  const zone = part.timezone ? ` (${part.timezone})` : "";
  const node = h("input", { type, id: place.inputId, value: initial, title: zone.trim() || null, "aria-label": place.inputId ? null : `${part.placeholder?.text ?? type}${zone}` });
  node.addEventListener("change", () => node.value && act(node.value));
  return node;
}

/** What is entered in a control: text, or a list for boxes. */
export function valueOf(control) {
  if (!control.matches("fieldset")) return control.value;
  const checked = [...control.querySelectorAll("input:checked")].map((box) => box.value);
  return control.querySelector("input[type=radio]") ? checked[0] ?? null : checked;
}

/** The same of a value in Slack's `view.state`. */
export const valueOfState = (value) => value?.selected_option?.value ?? value?.selected_options?.map((each) => each.value)
  ?? value?.selected_time ?? value?.selected_date ?? value?.selected_user ?? value?.selected_conversation ?? value?.value ?? null;

/** Puts back what was entered before a form was painted again. */
export function restore(control, value) {
  if (!control.matches("fieldset")) { if (!control.matches("button, span")) control.value = value; }
  else for (const box of control.querySelectorAll("input")) box.checked = [value].flat().includes(box.value);
}
