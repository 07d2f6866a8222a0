"""Content security policies: what the shell, a plugin's page and a plugin's answer may do in a browser."""

from __future__ import annotations

import secrets

NONCE_PLACEHOLDER = b"__CSP_NONCE__"

ANSWER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
"""An operation's answer opened as a document: shown, never run."""


def create_nonce() -> str:
    """Return a nonce for one page."""
    return secrets.token_urlsafe(18)


def shell_policy(origin: str) -> str:
    """Return the shell's policy: everything from its own origin, frames only below the plugins' paths.

    And of blobs: Firefox asks for it before it saves a file that a plugin's page has made. A blob's document has the
    policy of the page that made it.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; frame-src {origin}/api/plugins/ blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page_policy(base: str, nonce: str) -> str:
    """Return the policy of a plugin's page, confined to `base`, its own `…/api/plugins/<name>/`."""
    return (
        f"default-src 'none'; script-src {base}; style-src {base} 'nonce-{nonce}'; img-src {base} data: blob:; "
        f"font-src {base} data:; connect-src {base}; worker-src {base}; media-src {base}; manifest-src {base}; "
        f"base-uri 'none'; form-action {base}; frame-src 'none'; frame-ancestors 'self'"
    )
