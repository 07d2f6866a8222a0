"""Connection strings of PostgreSQL, as URL or as `key=value` words, to explicit libpq parameters.

libpq itself never sees the string: it rejects parameters that other drivers take, reads `+` literally, and would
fill what is missing from the environment, a password file and a service file of whoever runs the plugin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mc_sdk import InvalidParams
from mc_sql.urls import SCHEME, BadUrl, parse_url

SCHEMES = ("postgres", "postgresql")
APPLICATION_NAME = "mission-control-postgres"
CONNECT_TIMEOUT_S = 10

VALUE = r"'(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*|"
WORD = re.compile(rf"\s*(?P<key>[A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(?P<value>{VALUE})", re.DOTALL)
UNESCAPE = re.compile(r"\\(.)", re.DOTALL)
NEEDS_QUOTES = re.compile(r"[\s'\\]")

_LIBPQ_NAMES = """
    host hostaddr port dbname user password require_auth channel_binding sslmode sslnegotiation sslcompression sslcert
    sslkey sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni ssl_min_protocol_version
    ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation target_session_attrs load_balance_hosts
    options keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication
"""
LIBPQ = frozenset(_LIBPQ_NAMES.split())
"""Parameters of libpq that a connection may set; the rest is ours, another driver's, or a run-time setting."""

OTHER_DRIVERS = frozenset({"default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity"})
_OURS_NAMES = """
    application_name fallback_application_name client_encoding connect_timeout passfile service servicefile
    statement_timeout lock_timeout idle_in_transaction_session_timeout standard_conforming_strings role
    session_authorization default_transaction_read_only transaction_read_only
"""
OURS = frozenset(_OURS_NAMES.split())
"""Parameters that are set here or per transaction, whatever the connection says."""


@dataclass(frozen=True)
class ConnectParams:
    """Explicit libpq parameters, and settings to apply in every transaction."""

    libpq: tuple[tuple[str, str], ...] = field(repr=False)
    settings: tuple[tuple[str, str], ...] = ()

    def get(self, key: str) -> str:
        """Return a libpq parameter, or ''."""
        return dict(self.libpq).get(key, "")

    @property
    def password(self) -> str:
        """The password, for keeping it out of messages."""
        return self.get("password")


def parse_connection(text: str, *, user: str = "", password: str = "") -> dict[str, str]:
    """Return the parameters of a connection string, completed with the credentials that the host keeps apart.

    Raises: InvalidParams, whose text never contains any part of the string.
    """
    if not SCHEME.match(text):
        params = dict(parse_words(text))
    else:
        try:
            url = parse_url(text, user=user, password=password)
        except BadUrl as exc:
            raise InvalidParams(str(exc), reason="bad_url") from exc
        if url.scheme not in SCHEMES:
            raise InvalidParams(f'postgres plugin requires a postgres SQL connection, got "{url.scheme}"')
        params = dict(url.params)
        hosts = {"host": ",".join(host for host, _ in url.hosts), "port": ",".join(port for _, port in url.hosts)}
        plain = {**hosts, "user": url.user or "", "password": url.password or "", "dbname": url.database}
        params |= {key: value for key, value in plain.items() if value.strip(",")}
    if user and not params.get("user"):
        params["user"] = user
    if password and not params.get("password"):
        params["password"] = password
    return params


def connect_params(params: dict[str, str]) -> ConnectParams:
    """Return what libpq gets, with everything explicit that it would otherwise read from elsewhere."""
    known = {key: value for key, value in params.items() if key in LIBPQ}
    settings = [
        (key, value)
        for key, value in params.items()
        if key not in LIBPQ | OURS | OTHER_DRIVERS and not key.startswith("pool_")
    ]
    libpq = {
        "gssencmode": "disable",
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        **known,
        "application_name": APPLICATION_NAME,
        "client_encoding": "UTF8",
        "connect_timeout": str(CONNECT_TIMEOUT_S),
        "passfile": "/dev/null",
    }
    return ConnectParams(tuple(sorted(libpq.items())), tuple(sorted(settings)))


def parse_words(text: str) -> Iterable[tuple[str, str]]:
    """Yield the pairs of a keyword connection string. Raises: InvalidParams."""
    position, end = 0, len(text.rstrip())
    while position < end:
        match = WORD.match(text, position)
        if match is None or match.end() == position:
            raise InvalidParams("the connection string is neither a URL nor key=value words", reason="bad_url")
        yield match["key"], unquote_word(match["value"])
        position = match.end()


def with_database(text: str, database: str, *, user: str = "", password: str = "") -> str:
    """Return a connection string that names another database on the same server. Raises: InvalidParams.

    `user` and `password` are what the host may have filled into a URL without encoding them.
    """
    if not database:
        raise InvalidParams("database name is empty", field="database")
    if SCHEME.match(text):
        try:
            return parse_url(text, user=user, password=password).with_database(database).render()
        except BadUrl as exc:
            raise InvalidParams(str(exc), reason="bad_url") from exc
    word = f"dbname={quote_word(database)}"
    pieces, position, was_found = [], 0, False
    while match := WORD.match(text, position):
        if match.end() == position:
            break
        blank = text[position : match.start("key")]
        is_name = match["key"] == "dbname"
        pieces.append(blank + (word if is_name else text[match.start("key") : match.end()]))
        was_found, position = was_found or is_name, match.end()
    pieces.append(text[position:])
    return "".join(pieces) if was_found else f"{text} {word}".lstrip()


def quote_word(value: str) -> str:
    """Return a value as a keyword connection string spells it."""
    if value and not NEEDS_QUOTES.search(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def unquote_word(value: str) -> str:
    """Return what a value of a keyword connection string stands for."""
    inner = value[1:-1] if len(value) > 1 and value.startswith("'") and value.endswith("'") else value
    return UNESCAPE.sub(r"\1", inner)
