#!/bin/sh
# Makes sure of what the system's packages have: packages.sh PACKAGE...
# Installs what is missing where it may do so without a question, and says else what to install.
set -eu

missing=""
for package in "$@"; do
  command=$package
  [ "$package" != libtool ] || command=libtoolize # libtool's other half is in a package of its own
  command -v "$command" >/dev/null || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=$([ "$(id -u)" = 0 ] || echo "sudo -n")
if command -v apt-get >/dev/null && $sudo true 2>/dev/null; then
  echo "Installing$missing"
  $sudo apt-get update --quiet=2
  # shellcheck disable=SC2086 # the words are packages
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install --quiet=2 --yes $missing >/dev/null
else
  echo "Missing:$missing. Install them with the system's packages, and run make again." >&2
  exit 1
fi
