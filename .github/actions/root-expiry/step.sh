#!/usr/bin/env bash
# The action's first step: judges, annotates, and leaves exit code and verdict to the next ones.
set -uo pipefail
work=${RUNNER_TEMP:?}/root-expiry
status=0
FORMAT=github WORK=$work "$(dirname "${BASH_SOURCE[0]}")/root-expiry.sh" || status=$?
printf 'exit-code=%s\nverdict=%s\n' "$status" "$work/verdict.txt" >>"${GITHUB_OUTPUT:?}"
