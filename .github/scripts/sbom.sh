#!/usr/bin/env bash
# Bills of materials in CycloneDX: what the Python images are made of, and the engine's npm packages.
#   sbom.sh FOLDER
set -euo pipefail

mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
for image in backoffice agent; do
  .venv-platform/bin/cyclonedx-py requirements --of JSON -o "$folder/$image.cdx.json" "requirements/$image.txt"
done

# npm names its own root by a version, which a folder that is never published has not.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp agents/runtime/engine/node/package-lock.json "$work"
sed '0,/{/s//{"version": "0.0.0",/' agents/runtime/engine/node/package.json >"$work/package.json"
# shellcheck disable=SC2086 # NPM may be a program with its first argument
${NPM:-npm} --prefix "$work" sbom --sbom-format cyclonedx --package-lock-only >"$folder/engine.cdx.json"
