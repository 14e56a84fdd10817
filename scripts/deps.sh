#!/usr/bin/env bash
# Installs the Debian packages that the tests use. Without root or apt it prints
# what is missing: outside CI the tests that need it skip and say so.
set -euo pipefail
# The source trees that two synced folders are tried on; go.mod does not name them.
go mod download k8s.io/kubernetes@v1.31.0 k8s.io/kubernetes@v1.31.1 || [ "${CI:-}" != true ]
need=()
command -v mkfs.ext4 >/dev/null || need+=(e2fsprogs)
command -v xfs_io >/dev/null || need+=(xfsprogs)
command -v curl >/dev/null || need+=(curl)
command -v strace >/dev/null || need+=(strace)
command -v gcc >/dev/null || need+=(gcc libc6-dev)
command -v unzip >/dev/null || need+=(unzip)
command -v bsdtar >/dev/null || need+=(libarchive-tools)
command -v python3 >/dev/null || need+=(python3)
command -v chromium >/dev/null || need+=(chromium)
[ -e /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf ] || need+=(fonts-noto-core)
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}"
else
  echo "missing, please install: ${need[*]}" >&2
  [ "${CI:-}" != true ]
fi
