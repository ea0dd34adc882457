"""A real browser, the distribution's own, that notes whatever a page does that it should not; and axe, which says what
of a page some people cannot use."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip

_WATCH = """
window.wrong = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.wrong.push(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
for (const name of ["alert", "confirm", "prompt", "print"]) {
    window[name] = (text) => { window.wrong.push(`${name}: ${text}`); };
}
"""


_LEAF = """async ([first, last]) => {
    const place = () => document.getElementById("place")?.textContent || "";
    for (let at = first; at <= last; at += 1) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
        const wanted = `${at.toLocaleString("en")} of `;
        for (let waited = 0; !place().startsWith(wanted); waited += 5) {
            if (waited > 20000) throw new Error(`waited for ${wanted}, and is at ${place()}`);
            await new Promise((done) => { setTimeout(done, 5); });
        }
    }
}"""


class Watched:
    """A page, and what went wrong on it."""

    def __init__(self, page: Any, home: str) -> None:
        self.page, self.home = page, home
        self.wrong: list[str] = []
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", lambda said: self.wrong.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("popup", lambda _page: self.wrong.append("popup"))
        page.add_init_script(_WATCH)

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if not request.url.startswith(self.home):
            self.wrong.append(f"request: {request.url[:200]}")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Wait for JavaScript to hold. Playwright's own way of it would be refused by the pages' policy."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(50)

    def leaf(self, count: int) -> None:
        """Press `j` so many times, each once the sample before is shown; nothing may go wrong on any."""
        for start in range(0, count, 100):
            self.page.evaluate(_LEAF, [start + 1, min(count, start + 100)])
            self.check()

    def check(self) -> None:
        """Nothing went wrong so far."""
        assert self.wrong + self.page.evaluate("window.wrong") == []


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser; the test is skipped where it, or Playwright, is absent."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium is installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looking(browser: Any, home: str, **more: Any) -> Iterator[Watched]:
    """A page with an empty history, watched; at its end nothing must have gone wrong."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **more)
    try:
        watched = Watched(context.new_page(), home)
        yield watched
        watched.check()
    finally:
        context.close()


def axe_script(folder: Path) -> str:
    """axe-core's script, from npm by way of `folder`; the test is skipped where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "axe-core@4"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not script.exists():
        pytest.skip("axe-core cannot be had from npm here")
    return script.read_text("utf-8")


def serious(page: Any, axe: str) -> list[tuple[str, str, list[Any]]]:
    """What axe finds serious or worse on a page as it is: the rule, how bad, where."""
    page.evaluate(axe)
    told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (each["id"], each["impact"], [node["target"] for node in each["nodes"][:3]])
        for each in told["violations"]
        if each["impact"] in ("serious", "critical")
    ]
