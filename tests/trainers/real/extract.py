"""Definitions taken out of a checkout's source and run by themselves: the modules around them need a GPU's packages."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def module(path: Path) -> ModuleType:
    """A whole file that stands by itself."""
    spec = importlib.util.spec_from_file_location(f"taken_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def definitions(path: Path, names: set[str], around: dict[str, Any]) -> dict[str, Any]:
    """These functions, classes, methods and constants of a module, made in a namespace that has what they need."""
    tree = ast.parse(path.read_text("utf-8"))
    kept = [node for node in tree.body if _name(node) in names]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and _name(node) not in names:
            kept += [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name in names]
    space: dict[str, Any] = {"__name__": "taken", **around}
    missing = names - {_name(node) for node in kept}
    if missing:
        raise LookupError(f"{path.name} has no {', '.join(sorted(missing))}")
    sys.modules.setdefault("taken", ModuleType("taken"))
    exec(compile(ast.Module(kept, []), path.name, "exec"), space)
    return space


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""
