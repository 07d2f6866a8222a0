"""What the answers of all looking operations have in common: warnings, missing rights with the GRANT, their cost."""

from __future__ import annotations

from datetime import datetime

from mc_sdk import Struct


class Need(Struct):
    """Something that this role may not see; `grant` is the SQL that would let it."""

    what: str
    reason: str
    grant: str


class Answer(Struct, omit_defaults=True, kw_only=True):
    """Base of results that are objects."""

    warnings: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    cost_ms: float
    """How long the server was busy for this, measured from here; pages derive their polling interval from it."""


class CachedAnswer(Answer, omit_defaults=True, kw_only=True):
    """An answer of the slow lane: as old as `ageMs`."""

    as_of: datetime
    age_ms: int
