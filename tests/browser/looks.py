"""What can be read off a page by a script: names, sizes, contrast. Each gives what is wrong, as lines to show."""

from playwright.sync_api import Page

OPERATED = ("button", "link", "textbox", "checkbox", "radio", "combobox", "listbox", "option", "searchbox")


def nameless(page: Page) -> list[str]:
    """What somebody with a screen reader could operate, and would not know what it is."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    roles = [(n["role"]["value"], n.get("name", {}).get("value", "").strip()) for n in nodes if not n["ignored"]]
    return [role for role, name in roles if role in OPERATED and not name]


def twice(page: Page) -> list[str]:
    """Ids that are there more than once: a label would belong to the wrong field."""
    ids: list[str] = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    return sorted({each for each in ids if ids.count(each) > 1})


def small(page: Page) -> list[str]:
    """Targets under 24 by 24 pixels (WCAG 2.2, 2.5.8), links within a text apart."""
    return list(page.evaluate(SMALL))


SMALL = """() => [...document.querySelectorAll('button, input, select, textarea, summary')]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .map((each) => [each.closest('label') ?? each, each])
    .filter(([target]) => { const at = target.getBoundingClientRect(); return at.width < 24 || at.height < 24; })
    .map(([, each]) => each.outerHTML.slice(0, 120))"""


def faint(page: Page) -> list[str]:
    """Texts with less contrast than 4.5 to 1, or 3 to 1 where they are large (WCAG 2.2, 1.4.3)."""
    return list(page.evaluate(FAINT))


FAINT = """() => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return pen.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const grounds = (node) => {
    const found = [];
    for (let each = node; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== 'none') return null; // what lies on a picture is not measured
      found.unshift(style.backgroundColor);
    }
    return [getComputedStyle(document.body).backgroundColor, ...found];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const wrong = [];
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || node.closest('script, noscript, .unseen, :disabled')) continue;
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    const below = grounds(node);
    if (!below) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(paint([...below, style.color])), light(paint(below))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`${ratio.toFixed(2)}: ${texts.currentNode.data.slice(0, 60)}`);
  }
  return wrong;
}"""


def covered(page: Page, notices: str) -> list[str]:
    """What could be operated, were it not under one of the notices of this selector, be it only in part."""
    return list(page.evaluate(COVERED, notices))


COVERED = """(notices) => {
  const over = [...document.querySelectorAll(notices)].map((each) => each.getBoundingClientRect());
  const isUnder = (control, notice) => {
    const at = control.getBoundingClientRect();
    const [left, right] = [Math.max(at.left, notice.left), Math.min(at.right, notice.right)];
    const [top, bottom] = [Math.max(at.top, notice.top), Math.min(at.bottom, notice.bottom)];
    const hit = left < right && top < bottom && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return hit && control.contains(hit); // a notice lets the pointer through
  };
  return [...document.querySelectorAll('button, input, select, textarea, summary, a')]
    .filter((each) => over.some((notice) => isUnder(each, notice))).map((each) => each.outerHTML.slice(0, 120));
}"""
