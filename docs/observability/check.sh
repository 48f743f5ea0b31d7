#!/usr/bin/env bash
# Checks the alert rules and their tests, and each query of the dashboard, with promtool (Debian: apt-get install prometheus). Without promtool it says so and ends well.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v promtool > /dev/null; then
    echo "promtool is not installed; nothing was checked"
    exit 0
fi

promtool check rules alerts.yaml
promtool test rules alerts.test.yaml

# The queries of the dashboard as recording rules, which promtool can read; Grafana's variables become what Grafana would write.
rules=$(mktemp)
trap 'rm -f "$rules"' EXIT
{
    echo "groups:"
    echo "  - name: dashboard"
    echo "    rules:"
    grep -o '"expr": ".*"' dashboard.json | sed -e 's/^"expr": //' -e 's/\$__rate_interval/5m/g' -e 's/\$[a-z]*/.*/g' | while IFS= read -r expression; do
        number=$((${number:-0} + 1))
        echo "      - record: dashboard:query$number"
        echo "        expr: $expression"
    done
} > "$rules"
[ "$(grep -c "record:" "$rules")" -gt 0 ]
promtool check rules "$rules"
