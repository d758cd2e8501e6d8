#!/usr/bin/env bash
# Opens one issue for a verdict that somebody has to act on, unless one with the same title is open.
#
#   OPEN_ISSUE   "true", or nothing is done
#   EXIT_CODE    of root-expiry.sh; only 1 and 3 are a reason, a repository that cannot be reached is none
#   VERDICT      the file with the words
#   REPOSITORY   the address that was judged
set -euo pipefail
[ "${OPEN_ISSUE:-}" = true ] || exit 0
case ${EXIT_CODE:-} in 1 | 3) ;; *) exit 0 ;; esac

title="TUF root of ${REPOSITORY%/} needs attention"
# In a variable first: a list that cannot be read is not an empty one.
if ! open=$(gh issue list --state open --limit 5000 --json title --jq '.[].title'); then
  echo "::error title=root expiry::The open issues cannot be listed, so none was opened."
  exit 1
fi
if grep -Fxq -- "$title" <<<"$open"; then
  echo "An issue is open already: $title"
  exit 0
fi
# Indented, it is code in Markdown: nothing in it is a mention or a link.
body=$(head -c 50000 -- "$VERDICT" | sed 's/^/    /')
body=$(printf 'tuf-audit ended with exit code %s.\n\n%s\n' "$EXIT_CODE" "$body")
if ! gh issue create --title "$title" --body "$body"; then
  echo "::error title=root expiry::The issue could not be opened."
  exit 1
fi
