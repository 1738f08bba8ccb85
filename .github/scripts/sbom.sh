#!/usr/bin/env bash
# Bills of materials in CycloneDX: what the Python images are made of, and the engine's npm packages.
#   sbom.sh FOLDER
set -euo pipefail

folder=$1
cd "$(dirname "$0")/../.."
mkdir -p "$folder"
for image in backoffice agent; do
  .venv-platform/bin/cyclonedx-py requirements --of JSON -o "$folder/$image.cdx.json" "requirements/$image.txt"
done
npm --prefix agents/runtime/engine/node sbom --sbom-format cyclonedx --package-lock-only >"$folder/engine.cdx.json"
