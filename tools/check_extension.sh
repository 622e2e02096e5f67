#!/bin/sh
# The extension's types, lint, tests and, as `web-ext lint` does, what Firefox's reviewers would warn of in the packed
# extension; needs Node.js 20.19 or newer.
set -eu
cd "$(dirname "$0")/../extension"

if ! command -v npm >/dev/null 2>&1; then
    echo "No npm here: the extension's own checks are left out. Install Node.js 20.19 or newer to run them."
    [ "${NOISELENS_REQUIRE_BROWSER:-}" != 1 ]
    exit
fi
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --silent
npm run --silent check

packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
"${PYTHON:-python3}" ../tools/pack_extension.py "$packed" >/dev/null
npm run --silent lint-package -- "$packed"/*.xpi
