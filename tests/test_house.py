"""The house as it is drawn: imports run downward, wings do not know each other, words stand on the edges."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

import datagen

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "datagen"
MODULES = sorted(PACKAGE.rglob("*.py"))
WINGS = ("annotations", "prompting", "llm", "records", "checks", "reporting")
FLOORS = [
    {"__main__"},
    {"cli"},
    {"__init__"},
    {"pipeline"},
    {"batch"},
    {"ask", "build", "mockserver", "summary", "viewer"},
    {"jobs"},
    {"estimates", "examine", "exporting", "inspection", "pushing", "repairing", "trial", "validation"},
    {"cards", "rules"},
    {"judging"},
    {"plan"},
    {"choose", "paging", "witness"},
    set(WINGS),
    {"journal", "run"},
    {"prices"},
    {"ledger", "settings", "keys", "shipped", "observer"},
    {"shards"},
    {"contexts", "counts", "money"},
    {"grounding", "store"},
    {"labels", "registry", "tables", "sources", "workers"},
    {"schema", "files", "errors", "text", "version"},
]
"""From the top; who stands on a floor may import what stands below it, or beside it in the same room."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, those for types only left out."""
    tree = tree_of(path)
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "datagen"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "datagen":
            found.add(node.module)
    return found


def module_of(path: Path) -> str:
    parts = ["datagen", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downward_and_wings_do_not_know_each_other(path: Path) -> None:
    here = room(module_of(path))
    for module in imports(path):
        there = room(module)
        if there == here:
            continue
        if here == "cli":
            assert module in ("datagen", "datagen.errors", "datagen.text", "datagen.cli"), "the cli uses the face"
            continue
        assert floor(here) < floor(there), f"{here} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_paragraph_on_each_module_and_a_line_on_each_public_name(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "a module says what it does"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} says what it is"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_asks_to_be_split(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_the_face_hands_on_what_it_says() -> None:
    assert datagen.__all__ == sorted(datagen.__all__)
    for name in datagen.__all__:
        assert getattr(datagen, name) is not None
    assert set(datagen.__all__) == {*datagen._HOMES, "__version__"}
    with pytest.raises(AttributeError, match="nonsense"):
        datagen.nonsense  # noqa: B018


def test_the_top_level_is_as_the_user_fixed_it() -> None:
    allowed = {"pyproject.toml", "README.md", "datagen", "prompts", "samples", "tests"}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a checkout")
    ours = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in ours if not name.startswith(".")} <= allowed


def test_each_package_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    told = tomllib.loads(text)["project"]["dependencies"]
    lines = [line.strip() for line in text.splitlines()]
    for package in told:
        (line,) = [line for line in lines if line.startswith(f'"{package}"')]
        assert "#" in line, package


@pytest.mark.parametrize("name", ["httpx", "click", "respx"])
def test_what_openai_and_typer_stand_on_is_not_imported(name: str) -> None:
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] != name for alias in node.names), path
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] != name, path
