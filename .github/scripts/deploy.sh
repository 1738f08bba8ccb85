#!/usr/bin/env bash
# A release of built images: their digests, new revisions, migrations, roll-out, a look. When one step fails the images
# before are named again and the definitions made from them, so that the next apply brings nothing half-released along.
#   deploy.sh ENVIRONMENT images.txt
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
environment=$1
mapfile -t images <"$2"

release() { python "$here/release.py" --release release.json "$@"; }
describe() { "$here/terraform.sh" release "$environment" >release.json; }

describe
before=$(release images "${images[@]}")

go_back() {
  echo "The release failed; the images before are named again." >&2
  mapfile -t were < <(jq -r 'to_entries[] | "\(.key)=\(.value)"' <<<"$before")
  release images "${were[@]}" >/dev/null
  "$here/terraform.sh" apply "$environment"
  # Services may have moved before the look failed. The first release has nothing to go back to.
  if [ "$(jq -r .backoffice <<<"$before")" != none ]; then
    describe
    release roll
  fi
}
trap go_back ERR

"$here/terraform.sh" apply "$environment"
describe
release task operator -- migrate
release roll
release smoke
trap - ERR
echo "Released to $environment."
