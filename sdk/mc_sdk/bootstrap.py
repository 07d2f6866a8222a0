"""First code of a packaged plugin, standard library only: unpack once, then run from the unpacked tree.

The builder puts this file into the archive as `__main__.py`, with its constants filled in. It runs
under any Python 3: a wrong version is answered by a clear line, not by a traceback (hence no newer syntax here).
"""

from __future__ import annotations

import fcntl
import gc
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing and zipfile cost more than the rest of a warm start's own work
    import zipfile
    from collections.abc import Iterator

NATIVE_TAG = "@TAG@"  # CPython minor version and machine the archive is built for, e.g. cpython-311-x86_64
KEY = "@KEY@"  # sha256 of the payload: equal content has one folder, whatever the file is called
ENTRY = "@ENTRY@"  # package whose __main__ is the plugin
PAYLOAD = "payload.zip"
COOKIE = ("MISSION_CONTROL_PLUGIN", "mission-control-plugin/v1")
CACHE_ENV = "MISSION_CONTROL_PLUGIN_CACHE"
DONE = ".complete"  # written last: size and name of every file; a folder without it, or that differs, is not used
KEEP_DAYS = 30
CHUNK = 64 * 1024  # larger writes leave larger page-cache folios, and those count as the process's memory


def main() -> int:
    """Check cookie and Python, find or make the unpacked tree, run the plugin from it."""
    if len(sys.argv) == 1 and os.environ.get(COOKIE[0]) != COOKIE[1]:
        sys.stderr.write(
            "This binary is a plugin. These are not meant to be executed directly.\n"
            "Please execute the program that consumes these plugins, which will\n"
            "load any plugins automatically\n"
        )
        return 1
    if running_tag() != NATIVE_TAG:
        sys.stderr.write(
            f"this plugin is built for {NATIVE_TAG}, but {sys.executable} is {running_tag()}: "
            "install that Python, or name it in MISSION_CONTROL_PYTHON\n"
        )
        return 1
    archive = os.path.abspath(sys.argv[0])
    tree, is_fresh = find_tree(archive)
    if tree is None:
        return 1
    if is_fresh:
        # Unpacking leaves buffers behind; a new image of the same process starts as lean as the next ones will.
        os.execv(sys.executable, [sys.executable, "-I", "-S", archive, *sys.argv[1:]])
    hold(tree)
    # What a start allocates stays; looking through it for garbage again and again takes a tenth of the time.
    gc.disable()
    sys.path[:] = [tree, *(path for path in sys.path if path != archive)]
    from mc_sdk.guard import guard_stdout

    guard_stdout()
    __import__(ENTRY + ".__main__")  # calls serve(); runpy would cost another 2 ms
    return 0


def running_tag() -> str:
    """Return implementation, minor version and machine of the Python that runs this."""
    return f"{sys.implementation.name}-{sys.version_info[0]}{sys.version_info[1]}-{os.uname()[4]}"


def find_tree(archive: str) -> tuple[str | None, bool]:
    """Return (the unpacked tree, whether it was unpacked just now), or (None, False) after saying why not."""
    problems: list[str] = []
    for base in candidates():
        tree = os.path.join(base, KEY)
        try:
            if is_ours(base) and is_complete(tree):
                return tree, False
            if not prepare(base, problems):
                continue
            unpack(archive, base, tree)
        except OSError as exc:
            problems.append(f"{base}: {exc.strerror or exc}")
            continue
        return tree, True
    sys.stderr.write(f"cannot unpack this plugin; set {CACHE_ENV} to a writable folder that allows programs\n")
    for problem in problems:
        sys.stderr.write(f"  {problem}\n")
    return None, False


def hold(tree: str) -> None:
    """Mark the tree as in use while this process lives, and as used today: modules load from it at any time."""
    mark = os.open(os.path.join(tree, DONE), os.O_RDONLY)
    fcntl.flock(mark, fcntl.LOCK_SH)
    if time.time() - os.fstat(mark).st_mtime > 86400:
        os.utime(mark)


def candidates() -> Iterator[str]:
    """Yield folders to unpack into, the best first."""
    forced = os.environ.get(CACHE_ENV)
    if forced:
        yield os.path.join(forced, "mission-control-plugins")
        return
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if os.path.isabs(home):
        yield os.path.join(home, "mission-control-plugins")
    for base in (os.environ.get("TMPDIR"), "/var/tmp", "/tmp", "/dev/shm"):
        if base:
            yield os.path.join(base, f"mission-control-plugins-{os.geteuid()}")


def is_ours(base: str) -> bool:
    """Whether `base` belongs to this user alone: code is run from it, and a shared folder may be planted."""
    try:
        found = os.lstat(base)
    except OSError:
        return False
    return found.st_uid == os.geteuid() and (found.st_mode & 0o170022) == 0o040000


def is_complete(tree: str) -> bool:
    """Whether every file is there in its full size; after a power cut some are shorter, a few ms tell."""
    try:
        with open(os.path.join(tree, DONE)) as done:
            lines = done.read().splitlines()
        for line in lines:
            size, _, name = line.partition(" ")
            if os.stat(os.path.join(tree, name)).st_size != int(size):
                return False
    except (OSError, ValueError):
        return False
    return bool(lines)


def prepare(base: str, problems: list[str]) -> bool:
    """Make `base` (0700) and return whether programs may run from it."""
    os.makedirs(base, 0o700, exist_ok=True)
    if not is_ours(base):
        problems.append(f"{base}: belongs to somebody else, or others may write to it")
        return False
    if os.statvfs(base).f_flag & os.ST_NOEXEC:
        problems.append(f"{base}: mounted noexec")
        return False
    return True


def unpack(archive: str, base: str, tree: str) -> None:
    """Write the payload beside `tree`, then rename it there; of two that do so at once, one wins and both go on."""
    import io
    import shutil
    import tempfile
    import zipfile

    with zipfile.ZipFile(archive) as outer:
        payload = io.BytesIO(outer.read(PAYLOAD))
    fresh = tempfile.mkdtemp(prefix="." + KEY[:12] + ".", dir=base)
    try:
        with zipfile.ZipFile(payload) as inner, open(os.path.join(fresh, DONE), "w") as done:
            for info in inner.infolist():
                extract(inner, info, fresh)
                done.write(f"{info.file_size} {info.filename}\n")
            done.flush()
            os.fsync(done.fileno())
        if os.path.exists(tree) and not is_complete(tree):
            os.rename(tree, fresh + ".damaged")  # whoever runs from it keeps its open files
            shutil.rmtree(fresh + ".damaged", ignore_errors=True)
        try:
            os.rename(fresh, tree)
        except OSError:
            if not is_complete(tree):
                raise
        sync(base)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    collect(base, tree)


def extract(inner: zipfile.ZipFile, info: zipfile.ZipInfo, folder: str) -> None:
    """Write one entry in small chunks."""
    target = os.path.join(folder, info.filename)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with inner.open(info) as source, open(target, "wb") as sink:
        while True:
            chunk = source.read(CHUNK)
            if not chunk:
                break
            sink.write(chunk)


def sync(folder: str) -> None:
    """Flush a folder's filesystem, so that a power cut leaves no complete-looking half."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def collect(base: str, tree: str) -> None:
    """Remove trees of other builds that nobody runs from, nor has started for a month."""
    import shutil

    oldest = time.time() - KEEP_DAYS * 86400
    for name in os.listdir(base):
        path = os.path.join(base, name)
        try:
            mark = os.open(os.path.join(path, DONE), os.O_RDONLY)
        except OSError:
            if os.lstat(path).st_mtime < oldest:  # else somebody unpacks it just now
                shutil.rmtree(path, ignore_errors=True)
            continue
        try:
            if path != tree and os.fstat(mark).st_mtime < oldest:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass  # in use
        finally:
            os.close(mark)


if __name__ == "__main__":
    sys.exit(main())
