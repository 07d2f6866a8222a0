"""Write Mission Control plugins in Python: the public names of the SDK."""

from mc_sdk.context import Context
from mc_sdk.host_client import HostClient
from mc_sdk.operations import operation
from mc_sdk.plugin import Plugin
from mc_sdk.serve import serve
from mc_sdk.settings import PluginSettings, setting
from mc_sdk.streams import FileStart
from mc_sdk.version import format_version
from mc_wire.background import Background
from mc_wire.errors import (
    ConfirmationNeeded,
    Conflict,
    Forbidden,
    InvalidParams,
    NotFound,
    NotSignedIn,
    NotSupported,
    OperationError,
    TargetError,
    TargetRefused,
    TargetTimeout,
    TargetUnreachable,
    TooLarge,
    encode_error,
)
from mc_wire.model import (
    CLICKY_MIME,
    JSON,
    JSON_MIME,
    Artifact,
    ArtifactRef,
    Caller,
    Connection,
    Item,
    ItemPage,
    Role,
    Struct,
    Tab,
)

__all__ = [
    "CLICKY_MIME",
    "JSON",
    "JSON_MIME",
    "Artifact",
    "ArtifactRef",
    "Background",
    "Caller",
    "ConfirmationNeeded",
    "Conflict",
    "Connection",
    "Context",
    "FileStart",
    "Forbidden",
    "HostClient",
    "InvalidParams",
    "Item",
    "ItemPage",
    "NotFound",
    "NotSignedIn",
    "NotSupported",
    "OperationError",
    "Plugin",
    "PluginSettings",
    "Role",
    "Struct",
    "Tab",
    "TargetError",
    "TargetRefused",
    "TargetTimeout",
    "TargetUnreachable",
    "TooLarge",
    "encode_error",
    "format_version",
    "operation",
    "serve",
    "setting",
]
