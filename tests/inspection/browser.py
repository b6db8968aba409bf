"""A page as headless Chromium lays it out."""

import json
import re
import shutil
import subprocess
from html import escape, unescape

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Run in a copy of the page that allows scripts, to ask how it is laid out.
PROBE = """
<script>
addEventListener('load', () => setTimeout(() => {
  const all = [...document.querySelectorAll('main *')];
  const out = document.createElement('pre');
  out.id = 'probe';
  out.textContent = JSON.stringify({
    width: innerWidth,
    scroll: document.documentElement.scrollWidth,
    pictures: [...document.images].map(i => i.naturalWidth),
    seconds: [...document.querySelectorAll('audio')].map(a => a.duration),
    ground: getComputedStyle(document.body).backgroundColor,
    text: getComputedStyle(document.body).color,
    smallest: Math.min(...all.filter(e => e.childNodes.length == 1 &&
      e.firstChild.nodeType == 3 && e.textContent.trim() && !e.closest('svg'))
      .map(e => parseFloat(getComputedStyle(e).fontSize))),
    headings: [...document.querySelectorAll('.numbers thead th')]
      .map(e => e.getBoundingClientRect().height),
    hacked: typeof hacked !== 'undefined',
    scripts: document.scripts.length - 1,
  });
  parent.document.body.append(out);
}, 1500));
</script>
"""


def browser():
    """Return the browser's path; skip where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("there is no chromium here: apt-get install chromium")
    return found


def run(folder, page, width, *options):
    command = [
        browser(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={width},1200",
        *options,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dump(folder, page):
    """Return the page's elements as the browser has them, nothing added."""
    return run(folder, page, 1000, "--dump-dom")


def probe(folder, page, width, dark=False):
    """Return how the page is laid out at a width."""
    html = page.read_text(encoding="utf-8")
    html = re.sub(r"<meta http-equiv[^>]*>", "", html)
    html = html.replace("</body>", PROBE + "</body>")
    # A window is 500 pixels wide at the least, so a phone's is a frame in one.
    copy = folder / "probed.html"
    copy.write_text(
        "<!DOCTYPE html><meta charset='utf-8'><style>body{margin:0}</style>"
        f"<iframe width='{width}' height='1200' style='border:0' "
        f"srcdoc='{escape(html)}'></iframe>",
        encoding="utf-8",
    )
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    shown = run(
        folder,
        copy,
        max(width, 500),
        "--dump-dom",
        "--virtual-time-budget=8000",
        *scheme,
    )
    found = re.search(r"<pre id=\"probe\">(.*?)</pre>", shown, re.DOTALL)
    assert found, shown[-500:]
    return json.loads(unescape(found.group(1)))
