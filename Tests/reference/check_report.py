#!/usr/bin/env python3
"""Judges reports of the built program: their files by html.parser, their pages by axe-core in a headless Chromium.

    Tests/reference/check_report.py [--program PATH] [--pictures FOLDER] [--gallery]

The reports are the gallery of `Benchmarks report-gallery` (every chart, plain and in edge cases, with hostile text) and
those that `segmenter analyze` makes (with `--gallery` they are left out). Every law is also shown a report that is a
little wrong, and must notice.
Needs Debian's `chromium` and PyPI's `axe-playwright-python`, of which only the file `axe.min.js` is used.
"""
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import report_laws as laws
from browser import Browser
from checks import Checks, environment, program_of, shared_data

# What the page is looked at in: name, width, dark.
VIEWS = [("wide", 1400, False), ("wide, dark", 1400, True), ("telephone", 390, False)]
HOSTILE = "customer,<script>alert(1)</script>,=cmd|'/C calc'!A0,\"quoted \"\"name\"\"\",age\n{rows}\n"


def axe_source():
    """The text of axe.min.js, or `None`."""
    found = importlib.util.find_spec("axe_playwright_python")
    if not found or not found.origin:
        return None
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def gallery(program):
    """The gallery, as bytes."""
    path = Path(program).parent / "Benchmarks"
    if not path.exists():
        raise SystemExit(f"there is no `{path}`: build it beside the program, `swift build -c release`")
    return subprocess.run([path, "report-gallery"], capture_output=True, check=True, env=environment()).stdout


def hostile_table():
    """A table of customers whose names, columns and cells hold what could break a page."""
    kinds = ["</td><script>alert(2)</script>", "\u202ereversed", "مرحبا", "=1+1", "a\x07b"]
    rows = [
        f"\"<b>{row}</b>\",{row % 3 * 40 + row % 7},{row % 4 * 9 + row % 5},{kinds[row % 5]},{20 + row % 50}"
        for row in range(120)]
    return HOSTILE.format(rows="\n".join(rows))


def analyses(program, folder):
    """(name, arguments) of the analyses that can be made here."""
    table = Path(folder) / "hostile.csv"
    table.write_text(hostile_table(), encoding="utf-8")
    yield "hostile table", [str(table)]
    for name, options in (("Mall_Customers.csv", []), ("marketing_campaign.csv", ["--response", "Response"])):
        path = shared_data(name)
        if path:
            yield name, [str(path), *options]


def made_by_analyze(program, folder, checks):
    """(name, bytes) of the reports that `segmenter analyze` makes."""
    for place, (name, arguments) in enumerate(analyses(program, folder)):
        written = []
        for turn in ("one", "other"):
            # The report tells the command: the folder has the same name both times.
            place_of_turn = Path(folder) / f"{place}-{turn}"
            place_of_turn.mkdir()
            output = place_of_turn / "out"
            ended = subprocess.run(
                [program, "analyze", *arguments, "--output", "out"], capture_output=True, check=False,
                cwd=place_of_turn, env=environment())
            if ended.returncode != 0:
                checks.none(f"analyze, {name}", [ended.stderr.decode(errors="replace")[-400:]])
                break
            found = sorted(output.glob("*.html"))
            written.append(found[0].read_bytes() if found else b"")
        if len(written) == 2:
            checks.none(f"the same report twice, {name}", [] if written[0] == written[1] else ["they differ"])
            yield name, written[0]


def spoiled(text):
    """(law, what was done, spoiled text): each must be noticed."""
    yield laws.structure, "a second h1", text.replace("<h2 ", "<h1>x</h1><h2 ", 1)
    yield laws.structure, "a level left out", text.replace("</h2>", "</h2><h4>x</h4>", 1)
    yield laws.structure, "an element left open", text.replace("</figure>", "", 1)
    yield laws.unique_ids, "an id twice", text.replace("<main ", "<p id=\"content\"></p><main ", 1)
    yield laws.self_contained, "a script", text.replace("</main>", "<script>1</script></main>", 1)
    yield laws.self_contained, "a picture from afar", text.replace("</main>", "<img src=\"//a.example/b\"></main>")
    yield laws.self_contained, "a font from afar", text.replace("</style>", "@import '//a.example/b';</style>")
    yield laws.self_contained, "a handler", text.replace("<main ", "<main onclick=\"x()\" ", 1)
    yield laws.charts, "a chart without words", text.replace("<desc ", "<title ", 1).replace("</desc>", "</title>", 1)
    tableless = text.replace("<details>", "<div>", 1).replace("</details>", "</div>", 1)
    yield laws.charts, "a chart without its table", tableless
    yield laws.charts, "a missing number", text.replace("<rect x=\"", "<rect x=\"NaN", 1)
    yield laws.tables, "a head without scope", text.replace(" scope=\"col\"", "", 1)
    yield laws.safe_text, "a control character", text.replace("</main>", "\x07</main>")


def judge_file(checks, name, data):
    """The laws of the file."""
    page = laws.Page(data.decode())
    for law in laws.FILE_LAWS:
        checks.none(f"{law.__doc__.split(':')[0].split('.')[0]}, {name}", law(page))


def judge_page(checks, browser, axe, name, path, pictures):
    """The laws of the page in each view."""
    for view, width, dark in VIEWS:
        browser.open(path.as_uri(), width=width, dark=dark)
        if pictures:
            stem = f"{name}-{view}".replace(" ", "-").replace(",", "").replace(".", "-")
            browser.photograph(Path(pictures) / f"{stem}.png")
        checks.none(f"no wider than its window, {name}, {view}", browser.value(laws.OVERFLOW))
        browser.value("document.querySelectorAll('details').forEach(details => details.open = true)")
        checks.none(f"texts of charts do not overlap and are not cut, {name}, {view}", browser.value(laws.TEXT_PLACES))
        browser.value(axe + "; 1")
        found = browser.value(laws.AXE)
        checks.none(f"axe-core {found['version']}, {name}, {view}", found["violations"])
        # Of text before a picture axe cannot tell the contrast (the tests of the palette do), nor of text scrolled
        # away in a narrow window, whose colours are those of the wide one.
        unsure = [words for words in found["incomplete"] if "<text" not in words and "<tspan" not in words]
        if width > 600:
            checks.none(f"axe-core is sure, {name}, {view}", unsure)


def judge_spoiled_page(checks, browser, axe, path):
    """Axe and our own laws notice a page that was spoiled in the browser."""
    browser.open(path.as_uri())
    browser.value(
        "document.querySelector('section p').style.color = '#ccd'; document.querySelector('nav').insertAdjacentHTML("
        "'afterend', '<div style=\"width:3000px\">x</div>'); const text = document.querySelector('svg text');"
        "text.after(text.cloneNode(true))")
    checks.equal("a page that is too wide is noticed", bool(browser.value(laws.OVERFLOW)), True)
    checks.equal("texts upon each other are noticed", bool(browser.value(laws.TEXT_PLACES)), True)
    browser.value(axe + "; 1")
    found = browser.value(laws.AXE)["violations"]
    checks.equal("pale text is noticed", any(words.startswith("color-contrast") for words in found), True)


def main():
    """Runs the checks."""
    program = program_of(sys.argv)
    pictures = sys.argv[sys.argv.index("--pictures") + 1] if "--pictures" in sys.argv else None
    checks = Checks()
    shown = gallery(program)
    checks.equal("the gallery is the same twice", gallery(program) == shown, True)
    for law, what, text in spoiled(shown.decode()):
        checks.equal(f"{law.__name__} notices {what}", any(True for _ in law(laws.Page(text))), True)
    axe = axe_source()
    with tempfile.TemporaryDirectory() as folder:
        reports = [("gallery", shown)]
        if "--gallery" not in sys.argv:
            reports += made_by_analyze(program, folder, checks)
        for name, data in reports:
            judge_file(checks, name, data)
        if not axe or not Browser().program:
            checks.skip("pages in a browser", "`chromium` or `axe-playwright-python` is not there")
            checks.finish()
        with Browser() as browser:
            for place, (name, data) in enumerate(reports):
                path = Path(folder) / f"{place}.html"
                path.write_bytes(data)
                judge_page(checks, browser, axe, name, path, pictures)
            judge_spoiled_page(checks, browser, axe, Path(folder) / "0.html")
    checks.finish()


if __name__ == "__main__":
    main()
