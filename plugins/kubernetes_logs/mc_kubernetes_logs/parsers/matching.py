"""CEL expressions over records. The engine is a compiled extension; its package's own start (a shell) is not loaded."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mc_kubernetes_logs.parsers.record import Record
from mc_sdk import NotSupported

log = logging.getLogger(__name__)


def _load_engine() -> Any:
    """Return the extension module alone: importing its package would load a terminal's toolkit."""
    known = sys.modules.get("cel.cel")
    if known is not None:
        return known
    package = importlib.util.find_spec("cel")
    places = list(package.submodule_search_locations or ()) if package is not None else []
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        for place in places:
            path = Path(place) / f"cel{suffix}"
            if path.is_file():
                spec = importlib.util.spec_from_file_location("cel.cel", path)
                assert spec is not None and spec.loader is not None
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module  # it can be loaded once per process only
                spec.loader.exec_module(module)
                return module
    raise NotSupported("this build of the plugin has no CEL engine", hint="leave out postProcess.match")


def match_any(records: Sequence[Record], expressions: Sequence[str], messages: Sequence[str]) -> list[Record]:
    """Return the records for which one expression is true; one that fails once is not asked again."""
    engine = _load_engine()
    programs: list[Any] = []
    for expression in expressions:
        try:
            programs.append(engine.compile(expression))
        except Exception as exc:  # noqa: BLE001  # border: whatever a user's expression makes of the engine
            log.debug("expression cannot be compiled", extra={"reason": type(exc).__name__})
    kept = []
    for record, message in zip(records, messages, strict=True):
        if _matches(record, message, programs):
            kept.append(record)
    return kept


def _matches(record: Record, message: str, programs: list[Any]) -> bool:
    variables = {
        "id": record.id,
        "firstObserved": record.first_observed,
        "lastObserved": record.last_observed,
        "count": record.count,
        "message": message,
        "hash": record.hash,
        "severity": record.severity,
        "source": record.source,
        "host": record.host,
        "labels": record.labels,
    }
    for program in list(programs):
        try:
            if program.execute(variables) is True:
                return True
        except Exception as exc:  # noqa: BLE001  # border: as above
            log.debug("expression failed", extra={"reason": type(exc).__name__})
            programs.remove(program)
    return False
