"""The version text that a plugin shows: release, checksum of its page, build date."""

_CHECKSUM_CHARS = 8


def format_version(version: str, build_date: str = "", ui_checksum: str = "") -> str:
    """Return `1.2.3+abcdef01 built 2026-05-03 12:00:00`, leaving out what is empty (or too short a checksum).

    The checksum is part of it so that a rebuilt page gets a new address in browsers' caches.
    """
    text = version
    if len(ui_checksum) >= _CHECKSUM_CHARS:
        text += "+" + ui_checksum[:_CHECKSUM_CHARS]
    if build_date:
        text += " built " + build_date
    return text
