#!/bin/sh
# bootstrap.sh COMMAND [ARGUMENT...]: runs a command of this repository on a machine that has only Node and npm.
# It installs the npm packages when they are missing or another package-lock.json asks for others, then replaces itself with the
# command; `node` stands for the Node 24 that the repository brings along. Needs no terminal and no standard input.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
modules=$root/node_modules
installed=$modules/.package-lock.json # npm writes it last

fail() {
  printf 'bootstrap: %s\n' "$*" >&2
  exit 1
}

# Quick by the times of the two files; by their contents where a checkout has only touched the lock file.
current() {
  [ -f "$installed" ] || return 1
  [ "$root/package-lock.json" -nt "$installed" ] || return 0
  node "$root/deploy/files/packages-installed.mjs" "$root/package-lock.json" "$installed"
}

install() {
  command -v npm >/dev/null 2>&1 || fail "npm is not installed. On Debian: apt-get install nodejs npm (Node 20 or later)."
  printf 'bootstrap: installing the npm packages (about a minute the first time) ...\n' >&2
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null) ||
    fail "npm ci failed in $root. Its messages stand above; look at the network or the registry, then run this command again."
  # Another process that waited for this one compares times first.
  touch "$installed"
  printf 'bootstrap: the npm packages are installed.\n' >&2
}

[ $# -gt 0 ] || fail "name a command, for example: sh deploy/bootstrap.sh node test/demo/main.ts"
command -v node >/dev/null 2>&1 || fail "node is not installed. On Debian: apt-get install nodejs npm (Node 20 or later)."

if ! current; then
  if command -v flock >/dev/null 2>&1; then
    exec 9<"$root/package-lock.json"
    flock -w 600 9 || fail "another installation in $root has not ended within ten minutes. End it, then run this command again."
    current || install
    exec 9<&-
  else
    install
  fi
fi

PATH=$modules/.bin:$PATH
export PATH
if [ "$1" = node ]; then
  shift
  # Where the repository brings no Node of its own (ppc64le) the machine's must be able to run TypeScript.
  [ -x "$modules/.bin/node" ] || node --experimental-strip-types -e '' 2>/dev/null ||
    fail "this machine's Node is $(node --version); Node 24 is needed and npm has none for $(uname -m). Install it, then run this command again."
  exec node "$@"
fi
exec "$@"
