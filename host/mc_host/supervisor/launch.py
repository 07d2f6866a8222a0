"""What a plugin process is started with: its environment and nothing else."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from mc_wire import handshake
from mc_wire.headers import SECRET_ENV
from mc_wire.model import JSON

MIN_PORT, MAX_PORT = "10000", "25000"

_ALLOWED = re.compile(
    r"^(HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_(FILE|DIR)|KUBECONFIG|KUBERNETES_SERVICE_\w+"
    r"|XDG_(CACHE|CONFIG|DATA|STATE|RUNTIME)_(HOME|DIR)|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy)$"
)
"""What plugins may see of the host's environment. Database URLs and keys of the host are none of their business."""

_RESERVED = (handshake.COOKIE_NAME, handshake.ENV_CLIENT_CERT, SECRET_ENV)


def plugin_environment(
    host_environ: Mapping[str, str], declared: Mapping[str, JSON], *, socket_dir: Path, secret: str
) -> dict[str, str]:
    """Return a plugin's whole environment: the allowlist, what its resource declares, then go-plugin's variables."""
    env = {name: value for name, value in host_environ.items() if _ALLOWED.match(name)}
    env["PATH"] = _path(host_environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"))
    for name, value in declared.items():
        if name not in _RESERVED:
            env[name] = str(value).lower() if isinstance(value, bool) else str(value)
    env |= {
        handshake.COOKIE_NAME: handshake.COOKIE_VALUE,
        handshake.ENV_MIN_PORT: MIN_PORT,
        handshake.ENV_MAX_PORT: MAX_PORT,
        handshake.ENV_PROTOCOL_VERSIONS: str(handshake.APP_PROTOCOL),
        handshake.ENV_SOCKET_DIR: str(socket_dir),
        SECRET_ENV: secret,
    }
    return env


def _path(host_path: str) -> str:
    """Put this interpreter's own folders first: a zipapp then finds the CPython it was built for at once."""
    # `sys.executable` of a virtual environment is a link; its base has the `python3.N` names that a preamble asks for.
    base = Path(getattr(sys, "_base_executable", sys.executable)).parent
    folders = [str(Path(sys.executable).parent), str(base), *host_path.split(":")]
    return ":".join(dict.fromkeys(folder for folder in folders if folder))
