#!/usr/bin/env bash
# Makes the image that compose/Dockerfile begins from, out of Debian packages, where no registry is to be had:
#   compose/base-image.sh [TAG]           (TAG: iceworthy-base:bookworm)
# It takes the packages from this machine's own apt sources, and this machine's certificate authorities with them, so that a build
# behind a company's proxy works as the machine does. Needs Debian or Ubuntu's mmdebstrap, and a Docker engine. About 100 s, 250 MB.
set -euo pipefail
tag=${1:-iceworthy-base:bookworm}
command -v mmdebstrap >/dev/null || {
  echo "compose/base-image.sh needs mmdebstrap: apt-get install mmdebstrap; or name an image that has Python 3.11 or newer with" \
    "venv: ICEWORTHY_BASE_IMAGE=debian:bookworm-slim" >&2
  exit 69
}
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -s "$file" ] && sources+=("$file")
done
authorities=/etc/ssl/certs/ca-certificates.crt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hook=()
[ ! -s "$authorities" ] || hook=(--customize-hook="upload $authorities $authorities")
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mmdebstrap --quiet --variant=minbase --include=ca-certificates,python3,python3-venv --aptopt='Acquire::Retries "3"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  "${hook[@]}" "$suite" "$work/base.tar" "${sources[@]}"
docker import --change 'CMD ["/bin/bash"]' --change 'LABEL iceworthy=base' "$work/base.tar" "$tag" >/dev/null
echo "$tag"
