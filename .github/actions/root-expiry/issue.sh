#!/usr/bin/env bash
# Keeps one issue about a repository: opens it when there is something to do, says on it when the verdict changes, and
# closes it when everything is fine. It touches only issues that its own token opened, under its own title.
#
#   OPEN_ISSUE   "true", or nothing is done
#   EXIT_CODE    of root-expiry.sh; 1 and 3 are a reason to open one, 0 to close it, anything else says nothing
#   VERDICT      the file with the words
#   REPOSITORY   the address that was judged
set -euo pipefail
[ "${OPEN_ISSUE:-}" = true ] || exit 0
case ${EXIT_CODE:-} in 0 | 1 | 3) ;; *) exit 0 ;; esac

export TITLE="TUF root of ${REPOSITORY%/} needs attention"
# The first line of the issue's text holds the last exit code.
mark="<!-- root-expiry: exit $EXIT_CODE -->"

# An issue that cannot be closed today can be closed tomorrow; one that cannot be opened is a failure.
fail() {
  [ "$EXIT_CODE" = 0 ] && { echo "::warning title=root expiry::$1"; exit 0; }
  echo "::error title=root expiry::$1"
  exit 1
}

# Indented, it is code in Markdown: nothing in it is a mention or a link.
words() {
  printf 'tuf-audit ended with exit code %s.\n\n' "$EXIT_CODE"
  head -c 50000 -- "$VERDICT" | sed 's/^/    /'
}

# Numbers and last exit codes of our open issues. In a variable first: a list that cannot be read is not an empty one.
own=$(
  # shellcheck disable=SC2016  # GraphQL and jq have variables of their own.
  gh api graphql --paginate -F owner='{owner}' -F name='{repo}' -f query='
    query($owner: String!, $name: String!, $endCursor: String) {
      repository(owner: $owner, name: $name) {
        issues(first: 100, after: $endCursor, states: OPEN) {
          nodes { number title body viewerDidAuthor }
          pageInfo { hasNextPage endCursor }
        }
      }
    }' --jq '.data.repository.issues.nodes[] | select(.viewerDidAuthor and .title == $ENV.TITLE) |
      "\(.number) \(.body | capture("^<!-- root-expiry: exit (?<code>[0-9]+) -->") // {code: "unknown"} | .code)"'
) || fail "The open issues cannot be listed, so none was opened, changed or closed."

if [ -z "$own" ]; then
  [ "$EXIT_CODE" != 0 ] || exit 0
  gh api 'repos/{owner}/{repo}/issues' -f title="$TITLE" -f body="$mark"$'\n'"$(words)" --jq .html_url ||
    fail "The issue could not be opened."
  exit 0
fi
while read -r number before; do
  issue="repos/{owner}/{repo}/issues/$number"
  if [ "$before" = "$EXIT_CODE" ]; then
    echo "Issue $number is open already."
    continue
  fi
  said="The verdict has changed: the exit code was $before."$'\n\n'"$(words)"
  gh api "$issue/comments" -f body="$said" --silent || fail "Issue $number could not be commented on."
  if [ "$EXIT_CODE" = 0 ]; then
    gh api -X PATCH "$issue" -f state=closed -f state_reason=completed --silent || fail "Issue $number could not be closed."
  else
    # What people wrote into the text stays.
    text=$(gh api "$issue" --jq '.body | sub("^<!-- root-expiry: exit [0-9]+ -->\n?"; "")') ||
      fail "Issue $number could not be read."
    gh api -X PATCH "$issue" -f body="$mark"$'\n'"$text" --silent || fail "Issue $number could not be changed."
  fi
done <<<"$own"
