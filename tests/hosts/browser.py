"""The reports in a real headless Chromium: python3 tests/hosts/browser.py CHROMIUM BINARY

A large organization with hostile names is reviewed, compared and opened: no console error, no script, the matrix is
there, names are shown as text, and a screenshot and a printed page can be made.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from checks import check, counted

chromium, binary = sys.argv[1:]
QUIET = [
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--disable-extensions", "--window-size=1400,1800",
]


class Page(HTMLParser):
    """The text and the tags of a page as the browser has it."""

    def __init__(self):
        super().__init__()
        self.tags, self.rows, self.text = [], 0, []
        self.in_matrix = False

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "table":
            self.in_matrix = ("class", "matrix") in attributes
        if tag == "tr" and self.in_matrix:
            self.rows += 1

    def handle_data(self, data):
        self.text.append(data)


def open_page(path, *more):
    """What the browser prints, and what its console says."""
    with tempfile.TemporaryDirectory() as profile:
        # Root has no sandbox of its own.
        own = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [chromium, *QUIET, *own, f"--user-data-dir={profile}", "--enable-logging=stderr", *more, path.as_uri()]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    console = re.findall(r"CONSOLE[^\n]*", ran.stderr)
    return ran.returncode, ran.stdout, console


def call(tool, **arguments):
    command = [binary, "call", tool, "--sandbox", "--sandbox-size=people=600", "--state-dir", str(state), json.dumps(arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


with counted():
    with tempfile.TemporaryDirectory() as home:
        state = Path(home) / "state"
        review = call("make-access-review", organizationId=11)["review"]
        report = Path(review["htmlPath"])
        code, dom, console = open_page(report, "--dump-dom")
        page = Page()
        page.feed(dom)
        text = " ".join(page.text)
        check("the browser opens the report", code == 0 and dom, code)
        check("its console is silent", console == [], console)
        check("the matrix has everybody", page.rows == review["counts"]["people"] + 1, page.rows)
        check("nothing is script, image, frame or link", not {"script", "img", "iframe", "link", "object"} & set(page.tags))
        check("no name became markup", "<title>Access review: Acme</title>" in dom and "<script>document" in text)
        check("a formula is text", "=HYPERLINK(" in text)
        check("what reorders text is shown", "\\u{202e}" in text and "\u202e" not in dom)
        check("the flags stand above the matrix", dom.index('id="flags"') < dom.index('id="logins"') < dom.index('id="matrix"'))
        check("the logins are a chart", dom.count("<rect") == 7, dom.count("<rect"))

        picture = Path("target/hosts/access-review.png").absolute()
        picture.unlink(missing_ok=True)
        code, _, console = open_page(report, f"--screenshot={picture}")
        check("a screenshot is taken", code == 0 and picture.read_bytes()[:4] == b"\x89PNG" and picture.stat().st_size > 20_000)
        paper = Path(home) / "review.pdf"
        code, _, console = open_page(report, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
        check("it prints", code == 0 and paper.read_bytes()[:5] == b"%PDF-" and not console, console)

        diff = call("make-access-diff", before=review["jsonPath"], after=review["jsonPath"])["diff"]
        code, dom, console = open_page(Path(diff["htmlPath"]), "--dump-dom")
        check("the comparison opens as well", code == 0 and console == [] and "Access changes: Acme" in dom, console)

        # The check must be able to fail.
        broken = Path(home) / "broken.html"
        broken.write_text("<!doctype html><script>console.error('seen')</script>")
        _, _, console = open_page(broken, "--dump-dom")
        check("a console error would be seen", len(console) == 1, console)
