#!/bin/sh
# Make the development environment below this folder: .venv (Python, uv), Node where the machine has none, npm packages.
# Needs Python >= 3.11 with venv; says in one line how to get it. Does nothing where everything is up to date.
# Usage: scripts/setup.sh [python|node|servers] ...   (default: all three)
set -eu
cd "$(dirname "$0")/.."

step() { printf '\033[2m· %s\033[0m\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
digest() { cat "$@" | cksum; }

find_python() {
  for python in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3; do
    [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 || continue
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    echo "$python"
    return
  done
}

setup_python() {
  wanted=$(digest requirements/uv.txt requirements/dev.txt ./*/pyproject.toml plugins/*/pyproject.toml)
  [ "$(cat .venv/.setup 2>/dev/null)" = "$wanted" ] && return
  if [ ! -x .venv/bin/python ]; then
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or newer is missing: install it (Debian, Ubuntu: apt install python3 python3-venv)"
    step "making .venv with $($python --version)"
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
      rm -rf .venv
      fail "$python cannot make a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv)"
    fi
  fi
  step "installing Python packages (checked by hash)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
  .venv/bin/uv pip sync --quiet --require-hashes requirements/dev.txt
  members=$(for project in sdk host plugins/*/; do
    if [ -f "${project%/}/pyproject.toml" ]; then printf ' --editable %s' "${project%/}"; fi
  done)
  # shellcheck disable=SC2086  # a list of flags
  .venv/bin/uv pip install --quiet --no-deps $members
  echo "$wanted" > .venv/.setup
}

find_node() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}

setup_node() {
  if ! find_node && [ ! -x .venv/bin/npm ]; then
    step "installing Node (this machine has none that is new enough)"
    .venv/bin/uv pip install --quiet --require-hashes --no-deps --target .venv/node -r requirements/node.txt
    home=$(dirname "$(find "$PWD/.venv/node" -type f -path '*/bin/node' | head -n 1)")
    ln -sf "$home/node" .venv/bin/node
    # The wheel's own bin/npm does not find its library.
    printf '#!/bin/sh\nPATH="%s:$PATH" exec "%s/node" "%s/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
      "$home" "$home" "$home" > .venv/bin/npm
    chmod +x .venv/bin/npm
  fi
  install_npm . "npm packages of the pages"
}

install_npm() {
  wanted=$(digest "$1/package-lock.json")
  [ "$(cat "$1/node_modules/.setup" 2>/dev/null)" = "$wanted" ] && return
  step "installing $2"
  npm ci --prefix "$1" --no-progress --loglevel=error --no-update-notifier >&2
  echo "$wanted" > "$1/node_modules/.setup"
}

PATH=$PATH:$PWD/.venv/bin
export PATH
for part in "${@:-python node servers}"; do
  for one in $part; do
    case $one in
      python) setup_python ;;
      node) setup_node ;;
      servers) setup_node; install_npm tests/servers "PostgreSQL servers for tests and demo" ;;
      *) fail "unknown part: $one" ;;
    esac
  done
done
