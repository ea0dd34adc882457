"""datagen: COCO-style annotations in, LLaVA visual-instruction data out.

    import datagen
    outcome = datagen.generate([Path("samples")], datagen.Settings(model="mock"), Path("run"))
    print(outcome.states.kept, outcome.folder / "llava.json")

This is the library's face. It hands names on when they are first used and does no work, so that importing it costs
nothing; the command line uses nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from datagen.version import __version__

if TYPE_CHECKING:
    from datagen.annotations.census import Oddity
    from datagen.annotations.index import Reading
    from datagen.batch.road import Batching
    from datagen.checks.every import catalog
    from datagen.choose import reading
    from datagen.counts import States
    from datagen.errors import DatagenError, InputError, LedgerError, ProviderError, SetupError, Stopped, UnknownName
    from datagen.estimates import Bill, Estimate, Spread, TaskEstimate, estimate
    from datagen.exporting.convert import Converted, convert
    from datagen.exporting.export import export
    from datagen.exporting.result import Exported, ExportWish
    from datagen.files import replacing
    from datagen.inspection import Inspection, inspect
    from datagen.keys import Key, find_key
    from datagen.mockserver.behaviour import Behaviour
    from datagen.mockserver.server import serve
    from datagen.money import Price, dollars
    from datagen.observer import Observer, Pulse, Silent
    from datagen.pipeline import (
        BatchState,
        Outcome,
        Preview,
        cancel_batches,
        collect_batches,
        generate,
        preview,
        rebuild,
        status,
        tasks,
    )
    from datagen.prompting.folder import copy_tasks
    from datagen.pushing import Parcel, Sent, check_mock, check_repository, parcel, push
    from datagen.records.files import training_files
    from datagen.records.formats.saying import loss_of
    from datagen.repairing import Repaired, repair
    from datagen.reporting.base import manner_of
    from datagen.reporting.baseline import Baseline
    from datagen.reporting.every import formats, writer
    from datagen.reporting.pages import checks_json, explain_check, find_checks, list_checks, select_checks
    from datagen.rules import Wishes, wishes
    from datagen.schema import (
        Box,
        Finding,
        Hit,
        ImageContext,
        Query,
        Record,
        Request,
        Response,
        Shot,
        Task,
        Turn,
        Usage,
        Verdict,
    )
    from datagen.settings import Settings, allowed, base_url_in, resolve
    from datagen.shipped import shipped
    from datagen.sources.files import Source
    from datagen.summary.making import report
    from datagen.text import shown
    from datagen.trial.report import Trial, trial_json, trial_lines
    from datagen.trial.run import run_trial
    from datagen.validation import validate
    from datagen.viewer.exporting import export_view
    from datagen.viewer.serving import view
    from datagen.viewer.single import sample

_HOMES = {
    "Baseline": "reporting.baseline",
    "BatchState": "pipeline",
    "Batching": "batch.road",
    "Behaviour": "mockserver.behaviour",
    "Bill": "estimates",
    "Box": "schema",
    "Converted": "exporting.convert",
    "DatagenError": "errors",
    "Estimate": "estimates",
    "ExportWish": "exporting.result",
    "Exported": "exporting.result",
    "Finding": "schema",
    "Hit": "schema",
    "ImageContext": "schema",
    "InputError": "errors",
    "Inspection": "inspection",
    "Key": "keys",
    "LedgerError": "errors",
    "Observer": "observer",
    "Oddity": "annotations.census",
    "Outcome": "pipeline",
    "Parcel": "pushing",
    "Preview": "pipeline",
    "Price": "money",
    "ProviderError": "errors",
    "Pulse": "observer",
    "Query": "schema",
    "Reading": "annotations.index",
    "Record": "schema",
    "Repaired": "repairing",
    "Request": "schema",
    "Response": "schema",
    "Sent": "pushing",
    "Settings": "settings",
    "SetupError": "errors",
    "Shot": "schema",
    "Silent": "observer",
    "Source": "sources.files",
    "Spread": "estimates",
    "States": "counts",
    "Stopped": "errors",
    "Task": "schema",
    "TaskEstimate": "estimates",
    "Trial": "trial.report",
    "Turn": "schema",
    "UnknownName": "errors",
    "Usage": "schema",
    "Verdict": "schema",
    "Wishes": "rules",
    "allowed": "settings",
    "base_url_in": "settings",
    "cancel_batches": "pipeline",
    "catalog": "checks.every",
    "check_mock": "pushing",
    "check_repository": "pushing",
    "checks_json": "reporting.pages",
    "collect_batches": "pipeline",
    "convert": "exporting.convert",
    "copy_tasks": "prompting.folder",
    "dollars": "money",
    "estimate": "estimates",
    "explain_check": "reporting.pages",
    "export": "exporting.export",
    "export_view": "viewer.exporting",
    "find_checks": "reporting.pages",
    "find_key": "keys",
    "formats": "reporting.every",
    "generate": "pipeline",
    "inspect": "inspection",
    "list_checks": "reporting.pages",
    "loss_of": "records.formats.saying",
    "manner_of": "reporting.base",
    "parcel": "pushing",
    "preview": "pipeline",
    "push": "pushing",
    "reading": "choose",
    "rebuild": "pipeline",
    "repair": "repairing",
    "replacing": "files",
    "report": "summary.making",
    "resolve": "settings",
    "run_trial": "trial.run",
    "sample": "viewer.single",
    "select_checks": "reporting.pages",
    "serve": "mockserver.server",
    "shipped": "shipped",
    "shown": "text",
    "status": "pipeline",
    "tasks": "pipeline",
    "training_files": "records.files",
    "trial_json": "trial.report",
    "trial_lines": "trial.report",
    "validate": "validation",
    "view": "viewer.serving",
    "wishes": "rules",
    "writer": "reporting.every",
}

__all__ = [
    "Baseline",
    "BatchState",
    "Batching",
    "Behaviour",
    "Bill",
    "Box",
    "Converted",
    "DatagenError",
    "Estimate",
    "ExportWish",
    "Exported",
    "Finding",
    "Hit",
    "ImageContext",
    "InputError",
    "Inspection",
    "Key",
    "LedgerError",
    "Observer",
    "Oddity",
    "Outcome",
    "Parcel",
    "Preview",
    "Price",
    "ProviderError",
    "Pulse",
    "Query",
    "Reading",
    "Record",
    "Repaired",
    "Request",
    "Response",
    "Sent",
    "Settings",
    "SetupError",
    "Shot",
    "Silent",
    "Source",
    "Spread",
    "States",
    "Stopped",
    "Task",
    "TaskEstimate",
    "Trial",
    "Turn",
    "UnknownName",
    "Usage",
    "Verdict",
    "Wishes",
    "__version__",
    "allowed",
    "base_url_in",
    "cancel_batches",
    "catalog",
    "check_mock",
    "check_repository",
    "checks_json",
    "collect_batches",
    "convert",
    "copy_tasks",
    "dollars",
    "estimate",
    "explain_check",
    "export",
    "export_view",
    "find_checks",
    "find_key",
    "formats",
    "generate",
    "inspect",
    "list_checks",
    "loss_of",
    "manner_of",
    "parcel",
    "preview",
    "push",
    "reading",
    "rebuild",
    "repair",
    "replacing",
    "report",
    "resolve",
    "run_trial",
    "sample",
    "select_checks",
    "serve",
    "shipped",
    "shown",
    "status",
    "tasks",
    "training_files",
    "trial_json",
    "trial_lines",
    "validate",
    "view",
    "wishes",
    "writer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'datagen' has no attribute {name!r}")
    return getattr(import_module(f"datagen.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
