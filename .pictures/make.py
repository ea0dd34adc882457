"""The README's pictures, made again: `python .pictures/make.py` in an environment with datagen[dev] and Playwright.

Everything in them comes from the samples and the mock. It needs tmux for the terminal, and Chromium for the pages.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DATAGEN = f"{sys.executable} -m datagen"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTH = 108
SHOWN = "http://127.0.0.1:8000/v1"
TMUX = shutil.which("tmux") or "tmux"


@contextmanager
def served(*flags: str) -> Iterator[str]:
    """A mock server's address."""
    command = [*DATAGEN.split(), "mock-server", "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def terminal(work: Path) -> None:
    """A run as it goes, and its end."""
    with served("--latency", "1.2", "--fault", "garbled=6%", "--fault", "500=6%", "--seed", "4") as address:
        told = ["datagen", "generate", "samples", "--model", "gpt-4o-mini", "--base-url", SHOWN,
                "--price", "0.15,0.60", "--max-cost", "1", "--concurrency", "5"]  # fmt: skip
        real = f"{DATAGEN} {' '.join(told[1:]).replace(SHOWN, address)} --yes -o run"
        with on_terminal(work, real) as screen:
            going = _when(screen, r" (2[5-9]|3\d)/48 .*in flight.*requests/min")
            _when(screen, r"planned 48 .*kept \d+")
        with on_terminal(work, f"{DATAGEN} status run") as screen:
            whole = _when(screen, r"attempts \(")
    lines = [f"$ {' '.join(told)}", *_shown(going, address), "", "$ datagen status run", *_shown(whole, address)]
    console = Console(record=True, width=WIDTH, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(Text("\n").join(Text.from_ansi(line) for line in lines), soft_wrap=False)
    (HERE / "terminal.svg").write_text(console.export_svg(title="datagen", font_aspect_ratio=0.61), "utf-8")


def _shown(screen: str, address: str) -> list[str]:
    lines = [line for line in screen.rstrip("\n").split("\n") if not line.startswith("nothing here is called")]
    return [line.replace(address, SHOWN) for line in lines if line.strip()]


@contextmanager
def on_terminal(work: Path, command: str) -> Iterator[Callable[[], str]]:
    """A command on a terminal; calling what this gives tells what stands there."""
    name = f"datagen-{time.monotonic_ns()}"
    environ = f"OPENAI_API_KEY=none PYTHONPATH={ROOT}"
    subprocess.run(
        [TMUX, "-L", name, "new-session", "-d", "-x", str(WIDTH), "-y", "30", "-c", str(work),
         f"{environ} sh -c '{command}; sleep 60'"], check=True,
    )  # fmt: skip
    take = [TMUX, "-L", name, "capture-pane", "-e", "-p"]
    try:
        yield lambda: subprocess.run(take, check=True, capture_output=True, text=True).stdout
    finally:
        subprocess.run([TMUX, "-L", name, "kill-server"], check=True)


def _when(screen: Callable[[], str], pattern: str) -> str:
    """What stands there as soon as something does."""
    for _ in range(600):
        shown = screen()
        if re.search(pattern, re.sub(r"\x1b\[[\d;]*m", "", shown), re.DOTALL):
            return shown
        time.sleep(0.1)
    raise SystemExit(f"{pattern!r} never stood there:\n{shown}")


def _run(work: Path) -> Path:
    """A run in which something went wrong."""
    with served("--fault", "garbled=25%", "--fault", "refusal=12%", "--latency", "0.5", "--seed", "5") as address:
        subprocess.run(
            [*DATAGEN.split(), "generate", ROOT / "samples", "--model", "gpt-4o-mini", "--base-url", address,
             "--yes", "--price", "0.15,0.60", "--max-cost", "0.05", "--concurrency", "4", "--attempts", "1",
             "--max-rejected", "100%", "-o", work / "samples-run"],
            check=True, env={"OPENAI_API_KEY": "none", "PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        )  # fmt: skip
    return work / "samples-run"


def report(work: Path) -> None:
    """The page about a run."""
    page = work / "report.html"
    told = ["report", _run(work), "--images", ROOT / "samples/images", "-o", page]
    subprocess.run([*DATAGEN.split(), *told], check=True)
    _photograph(page.as_uri(), HERE / "report.png", 1100, 1320)


def sample(work: Path) -> None:
    """One sample in the viewer, with a word pointed at."""
    command = [*DATAGEN.split(), "view", str(_run(work)), "--images", str(ROOT / "samples/images")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            _photograph(server.stdout.readline().strip(), HERE / "sample.png", 1280, 900, hover="li.of-box")
        finally:
            server.terminate()


def _photograph(address: str, out: Path, width: int, height: int, hover: str = "") -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(address)
        if hover:
            page.wait_for_load_state("networkidle")
            page.keyboard.press("j")
            page.wait_for_selector(hover)
            page.locator(hover).first.hover()
            page.wait_for_timeout(500)
        page.screenshot(path=out)
        browser.close()


def main() -> None:
    """All of them, or those named."""
    made = {"terminal": terminal, "report": report, "sample": sample}
    for name in sys.argv[1:] or made:
        with tempfile.TemporaryDirectory() as work:
            made[name](Path(work))


if __name__ == "__main__":
    main()
