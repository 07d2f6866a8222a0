"""Users' regular expressions: RE2, linear in the text, tried on whole blocks before lines are split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mc_sdk import InvalidParams

MAX_PATTERN_CHARS = 2000
_ANCHORS = re.compile(r"\\[AzZbB]|[\^$]|\\n|\\s|\\W|\\D|\\S|\[\^|\(\?|\.|\\[PpCx]")
"""What may look at a line's ends, or match the newline or stamp of a block: such a pattern is no prefilter."""

_SPECIAL = frozenset("\\^$.|?*+()[]{}\n")


class Pattern:
    """One compiled expression, or several of which one must match."""

    def __init__(self, sources: Sequence[str], *, ignore_case: bool, field: str) -> None:
        import re2

        options = re2.Options()
        options.case_sensitive = not ignore_case
        options.log_errors = False
        options.max_mem = 16 << 20
        options.encoding = re2.Options.Encoding.UTF8
        for source in sources:
            if len(source) > MAX_PATTERN_CHARS:
                raise InvalidParams(f"{field}: longer than {MAX_PATTERN_CHARS} characters", field=field)
            try:
                re2.compile(source.encode(), options)
            except re2.error as exc:
                raise InvalidParams(f"{field}: {_reason(exc)}", field=field) from exc
        joined = "|".join(f"(?:{source})" for source in sources)
        try:
            compiled: Any = re2.compile(joined.encode(), options)
        except re2.error as exc:
            raise InvalidParams(f"{field}: {_reason(exc)}", field=field) from exc
        self.search = compiled.search
        self.fullmatch = compiled.fullmatch
        is_literal = len(sources) == 1 and not ignore_case and _SPECIAL.isdisjoint(sources[0])
        self.literal = sources[0].encode() if is_literal else b""
        """The pattern itself where it is plain text; finding that is several times faster than matching."""
        self.can_prefilter = not any(_ANCHORS.search(source) for source in sources)

    def find(self, block: bytes, at: int) -> int:
        """Return where the first match from `at` on begins; -1 without one."""
        if self.literal:
            return block.find(self.literal, at)
        hit = self.search(block, at)
        return -1 if hit is None else int(hit.start())

    def matches(self, text: bytes) -> bool:
        """Does it match somewhere in a message?"""
        return self.literal in text if self.literal else self.search(text) is not None


def _reason(exc: Exception) -> str:
    first = exc.args[0] if exc.args else str(exc)
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def compile_patterns(sources: Sequence[str], *, ignore_case: bool = False, field: str) -> Pattern | None:
    """Return the alternatives as one pattern, None without any. Raises: InvalidParams that names the field."""
    wanted = [source for source in sources if source]
    return Pattern(wanted, ignore_case=ignore_case, field=field) if wanted else None
