#!/usr/bin/env bash
# Build the product's images once and push them; print them by digest, as release.py takes them.
#   images.sh release.json TAG > images.txt
set -euo pipefail

release=$1 tag=$2
for image in backoffice agent egress; do
  repository=$(jq -r ".repositories.$image" "$release")
  docker buildx build --quiet --target "$image" --tag "$repository:$tag" --provenance=true --sbom=true --push . >&2
  digest=$(docker buildx imagetools inspect "$repository:$tag" --format '{{.Manifest.Digest}}')
  printf '%s=%s@%s\n' "$image" "$repository" "$digest"
done
