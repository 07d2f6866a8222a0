"""go-plugin's launch contract: the cookie, the variable names, and the line a plugin prints first."""

from __future__ import annotations

import msgspec

COOKIE_NAME = "MISSION_CONTROL_PLUGIN"
COOKIE_VALUE = "mission-control-plugin/v1"
CORE_PROTOCOL = 1
APP_PROTOCOL = 1

ENV_MIN_PORT = "PLUGIN_MIN_PORT"
ENV_MAX_PORT = "PLUGIN_MAX_PORT"
ENV_PROTOCOL_VERSIONS = "PLUGIN_PROTOCOL_VERSIONS"
ENV_CLIENT_CERT = "PLUGIN_CLIENT_CERT"
ENV_SOCKET_DIR = "PLUGIN_UNIX_SOCKET_DIR"
ENV_SOCKET_GROUP = "PLUGIN_UNIX_SOCKET_GROUP"
ENV_MULTIPLEX = "PLUGIN_MULTIPLEX_GRPC"
ENV_CONTRACT = "MISSION_CONTROL_PLUGIN_CONTRACT"
"""Our own: `documented` or `released` forces a plugin's manifest layout."""

CONTRACT_KEY = "mission-control/contract"
"""Key of RegisterRequest.env by which a host names its contract."""

JWK_KEY = "mission-control/jwk"
"""Key of RegisterRequest.env by which a host hands over the public key of its invocation tokens."""

PLUGIN_ID_KEY = "mission-control/plugin-id"
"""Key of RegisterRequest.env by which a host tells a plugin which id its tokens carry."""

TOKEN_METADATA = "x-flanksource-plugin-invocation"
TOKEN_HEADER = "X-Flanksource-Plugin-Invocation"

NOT_A_PROGRAM = (
    "This binary is a plugin. These are not meant to be executed directly.\n"
    "Please execute the program that consumes these plugins, which will\n"
    "load any plugins automatically\n"
)

_MIN_CERTIFICATE_CHARS = 50  # go-plugin takes a shorter sixth field for "no certificate"


class HandshakeError(Exception):
    """The plugin's first line is not a handshake this host can follow; the text says what was wrong with it."""


class Handshake(msgspec.Struct, frozen=True):
    """Where a plugin listens, as its first line says it."""

    network: str
    """`unix` or `tcp`."""
    address: str
    """Socket path, or `host:port`."""
    certificate: str = ""
    """Base64 (no padding) of the DER leaf when AutoMTLS is on."""

    @property
    def target(self) -> str:
        """The address in gRPC's spelling."""
        return f"unix:{self.address}" if self.network == "unix" else self.address


def format_line(handshake: Handshake, *, multiplex_asked: bool = False) -> str:
    """Return the line without its newline; the seventh field only for a host that asked for multiplexing."""
    where = (handshake.network, handshake.address)
    fields = [str(CORE_PROTOCOL), str(APP_PROTOCOL), *where, "grpc", handshake.certificate]
    if multiplex_asked:
        fields.append("false")
    return "|".join(fields)


def parse_line(line: str) -> Handshake:
    """Return what a plugin's first line says. Raises: HandshakeError (the text is the one go-plugin uses)."""
    fields = line.strip().split("|")
    if len(fields) < 4:
        raise HandshakeError(f"Unrecognized remote plugin message: {line.strip()[:200]!r}")
    core, app, network, address = fields[:4]
    if core != str(CORE_PROTOCOL):
        raise HandshakeError(f"incompatible core API version: plugin has {core!r}, host has {CORE_PROTOCOL}")
    if app != str(APP_PROTOCOL):
        raise HandshakeError(f"incompatible API version with plugin: plugin has {app!r}, host has {APP_PROTOCOL}")
    protocol = fields[4] if len(fields) > 4 and fields[4] else "netrpc"
    if protocol != "grpc":
        raise HandshakeError(f'unsupported plugin protocol "{protocol}". Supported: [grpc]')
    if network not in ("unix", "tcp") or not address:
        raise HandshakeError(f"unknown address type in handshake: {network!r} {address!r}")
    certificate = fields[5] if len(fields) > 5 and len(fields[5]) > _MIN_CERTIFICATE_CHARS else ""
    return Handshake(network=network, address=address, certificate=certificate)
