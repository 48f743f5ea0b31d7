#!/usr/bin/env bash
# The page of the registry in a real browser. Ends with 1 if anything is not as it should be.
set -euo pipefail
pictures=${1:+$(realpath "$1")}
cd "$(dirname "$0")"
. ../registry-server.sh

browser=$(command -v chromium || true)
if [ -z "$browser" ] && command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    echo "Chromium is installed"
    (apt-get update && apt-get install -y --no-install-recommends chromium) > "$work/chromium.log" 2>&1 || true
    browser=$(command -v chromium || true)
fi
if [ -z "$browser" ] || ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    echo "skipped: Node.js, npm and Chromium are needed. The text of the page is tested in Mesh.Registry.Tests."
    exit 0
fi

cp package.json page.js "$work"
(cd "$work" && npm install --no-audit --no-fund --loglevel=error > npm.log 2>&1)
start_registry
node "$work/page.js" "$port" "$browser" "$pictures"
echo "All checks passed in $SECONDS s."
