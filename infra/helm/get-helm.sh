#!/bin/sh
# Builds Helm with Go into the cache of the checkout, for the tests of the chart. Does nothing if Helm is already there,
# and only prints a message if Go is missing.
set -eu
cd "$(dirname "$0")/../.."
bin="$PWD/node_modules/.cache/helm"
if command -v helm >/dev/null || [ -x "$bin/helm" ]; then exit 0; fi
if ! command -v go >/dev/null; then
  echo 'no Go: the chart is checked without being rendered' >&2
  exit 0
fi
GOBIN="$bin" go install helm.sh/helm/v3/cmd/helm@v3.19.0
