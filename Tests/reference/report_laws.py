"""Laws of a report: what its file, and its page in a browser, must keep to. Each yields its problems in words."""
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

VOID = {"meta", "br", "hr", "img", "link", "input", "base", "col", "embed", "source"}
# Addresses that name something and fetch nothing.
NAMES = {"http://www.w3.org/2000/svg"}


class Page(HTMLParser):
    """The elements of a file: (name, attributes, depth, text), and where each ends."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.source, self.elements, self.open, self.problems = text, [], [], []
        self.feed(text)
        self.close()
        self.problems += [f"`<{element['name']}>` is not closed" for element in self.open]

    def handle_starttag(self, name, attributes):
        element = {
            "name": name, "attributes": dict(attributes), "text": "", "inside": [],
            "parents": [parent["name"] for parent in self.open]}
        names = [attribute for attribute, _ in attributes]
        if len(names) != len(set(names)):
            self.problems.append(f"`<{name}>` has an attribute twice")
        for parent in self.open:
            parent["inside"].append(element)
        self.elements.append(element)
        if name not in VOID:
            self.open.append(element)

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)
        if name not in VOID:
            self.open.pop()

    def handle_endtag(self, name):
        if not self.open or self.open[-1]["name"] != name:
            self.problems.append(f"`</{name}>` closes nothing at line {self.getpos()[0]}")
            return
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def named(self, *names):
        """The elements of some names."""
        return [element for element in self.elements if element["name"] in names]


def structure(page):
    """One `h1`, headings without gaps, a language, a title, landmarks, a skip link, everything closed."""
    yield from page.problems
    for name in ("h1", "main", "nav", "title"):
        found = [element for element in page.named(name) if "svg" not in element["parents"]]
        if len(found) != 1:
            yield f"{len(found)} elements `<{name}>`, expected one"
    if not page.named("html")[0]["attributes"].get("lang"):
        yield "the file names no language"
    level = 0
    for element in page.elements:
        if re.fullmatch("h[1-6]", element["name"]):
            now = int(element["name"][1])
            if now > level + 1:
                yield f"`{element['text'][:40]}` is a heading of level {now} below one of level {level}"
            level = now
    ids = {element["attributes"].get("id") for element in page.elements}
    links = [element["attributes"].get("href", "") for element in page.named("a")]
    yield from (f"`{link}` leads nowhere" for link in links if link.startswith("#") and link[1:] not in ids)
    if not any(element["attributes"].get("class") == "skip" for element in page.named("a")):
        yield "there is no skip link"


def unique_ids(page):
    """No id twice, none empty or with a space."""
    seen = set()
    for element in page.elements:
        name = element["attributes"].get("id")
        if name is None:
            continue
        if name in seen:
            yield f"the id `{name}` is there twice"
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            yield f"the id `{name}` is no name"
        seen.add(name)


def self_contained(page):
    """No script, no handler, nothing that is fetched."""
    for element in page.elements:
        if element["name"] in ("script", "iframe", "object", "embed", "link", "img", "base", "form", "foreignobject"):
            yield f"there is an element `<{element['name']}>`"
        for name, value in element["attributes"].items():
            if name.startswith("on"):
                yield f"`<{element['name']}>` has a handler `{name}`"
            if name in ("src", "href", "xlink:href", "action", "srcset") and not (value or "").startswith("#"):
                yield f"`<{element['name']}>` refers to `{value}`"
            if name != "xmlns" and re.search(r"url\(\s*['\"]?(?!#)", value or ""):
                yield f"`<{element['name']}>` refers by `{value}`"
            if name == "xmlns" and value not in NAMES:
                yield f"a name space `{value}`"
    for style in page.named("style"):
        if re.search(r"@import|url\(", style["text"]):
            yield "the style refers to something outside"


def charts(page):
    """Each picture has a role, a title, words, a caption and a table of its numbers; each is a whole SVG file."""
    pictures = page.named("svg")
    if not pictures:
        yield "there is no chart"
    for figure in page.named("figure"):
        inside = {element["name"] for element in figure["inside"]}
        for needed in ("svg", "figcaption", "details", "summary", "table", "caption"):
            if needed not in inside:
                yield f"the figure `{figure['attributes'].get('id')}` has no `<{needed}>`"
    for picture in pictures:
        attributes = picture["attributes"]
        if "figure" not in picture["parents"]:
            yield "a picture stands outside of a figure"
        if attributes.get("role") != "img":
            yield "a picture has no role"
        own = {element["attributes"].get("id"): element for element in picture["inside"]}
        for name, id_ in zip(("title", "desc"), (attributes.get("aria-labelledby") or " ").split(" ")):
            if id_ not in own or own[id_]["name"] != name:
                yield f"a picture is not labelled by its own `<{name}>`"
    for text in re.findall(r"<svg.*?</svg>", page.source, re.DOTALL):
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError as error:
            yield f"a picture is no XML: {error}"
            continue
        for node in root.iter():
            for name in ("x", "y", "x1", "x2", "y1", "y2", "width", "height", "d"):
                if not re.fullmatch(r"[MLhlaz0-9. -]*", node.get(name, "")):
                    yield f"a coordinate `{node.get(name)[:40]}` is no number"


def tables(page):
    """Each table has a caption, heads with a scope, and as many cells in each row."""
    for table in page.named("table"):
        caption = [element["text"] for element in table["inside"] if element["name"] == "caption"]
        if len(caption) != 1:
            yield "a table has no caption"
        heads = [element for element in table["inside"] if element["name"] == "th"]
        if not heads:
            yield f"the table `{caption}` has no heads"
        yield from (f"a head of `{caption}` has no scope" for head in heads if "scope" not in head["attributes"])
        widths = {
            sum(1 for cell in row["inside"] if cell["name"] in ("th", "td"))
            for row in table["inside"] if row["name"] == "tr"}
        if len(widths) != 1:
            yield f"the rows of `{caption}` have {sorted(widths)} cells"


def safe_text(page):
    """No control character and none that turns the direction of the text; no number that is none."""
    found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.source)
    if found:
        yield f"a character {found.group(0)!r} at {found.start()}"
    for element in page.named("td", "text", "p", "li"):
        if re.fullmatch(r"\s*-?(nan|inf|NaN|Infinity|Optional\(.*\)|nil)\s*", element["text"]):
            yield f"`{element['text']}` is shown"


FILE_LAWS = [structure, unique_ids, self_contained, charts, tables, safe_text]

# Of each picture: texts that leave it, and texts that lie upon each other. Boxes are as high as lines, letters are not.
TEXT_PLACES = """
(() => {
  const problems = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) continue;
    const name = svg.closest('figure').id;
    const boxes = [...svg.querySelectorAll('text')].map(text => {
      const box = text.getBoundingClientRect();
      const flat = !text.hasAttribute('transform');
      const inset = (flat ? box.height : box.width) * 0.22;
      return {words: text.firstChild ? text.firstChild.data : '', left: box.left + (flat ? 0 : inset),
        right: box.right - (flat ? 0 : inset), top: box.top + (flat ? inset : 0),
        bottom: box.bottom - (flat ? inset : 0)};
    }).filter(box => box.words.trim());
    for (const box of boxes)
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 ||
          box.bottom > frame.bottom + 1)
        problems.push(`${name}: "${box.words.slice(0, 40)}" leaves the picture`);
    boxes.sort((one, other) => one.top - other.top);
    for (let i = 0; i < boxes.length; i++)
      for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom; j++)
        if (Math.min(boxes[i].right, boxes[j].right) - Math.max(boxes[i].left, boxes[j].left) > 1)
          problems.push(`${name}: "${boxes[i].words.slice(0, 30)}" and "${boxes[j].words.slice(0, 30)}" overlap`);
  }
  return problems;
})()
"""
# What makes the page wider than its window.
OVERFLOW = """
(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + 1) return [];
  const wide = [...document.body.querySelectorAll('*')].filter(element =>
    element.getBoundingClientRect().right > width + 1 && !element.closest('.scroll'));
  return [`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`].concat(
    wide.slice(0, 3).map(element => element.outerHTML.slice(0, 120)));
})()
"""
AXE = """
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(found => {
  const told = results => results.map(result => `${result.id} (${result.impact}, ${result.nodes.length} times): `
    + result.help + '; ' + result.nodes[0].html.slice(0, 160) + ' '
    + (result.nodes[0].any.concat(result.nodes[0].all, result.nodes[0].none)[0] || {message: ''}).message);
  return {version: axe.version, passes: found.passes.length, violations: told(found.violations),
    incomplete: told(found.incomplete)};
})
"""
