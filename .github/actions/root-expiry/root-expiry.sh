#!/usr/bin/env bash
# Fetches the roots that a TUF repository serves, follows them from a pinned root, and judges when the last one expires.
# Nothing here is GitHub's: any CI system or timer can run it.
#
#   REPOSITORY        https address under which clients find N.root.json
#   TRUSTED_ROOT      the root metadata that you trust, a file
#   TUF_AUDIT         the program, a path or an https address
#   TUF_AUDIT_SHA256  its SHA-256 in hex; no other program is run
#   WARN, CRITICAL    days before expiry, 90 and 30 unless set
#   AT                judge at this time, YYYY-MM-DDTHH:MM:SSZ, instead of now
#   FORMAT            of standard output, as `tuf-audit expiry --format` takes it; text unless set
#   WORK              a folder for what is fetched and for verdict.txt; a temporary one unless set
#
# Exit 0 fine, 1 a violation or inside CRITICAL, 3 inside WARN, 64 a setting is wrong, 66 something cannot be read or
# fetched. With FORMAT=nagios Nagios's own: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 70
# shellcheck source=fetch.sh
. "$here/fetch.sh"

FORMAT=${FORMAT:-text}
if [ -z "${WORK:-}" ]; then
  WORK=$(mktemp -d) || exit 73
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK" && WORK=$(cd "$WORK" && pwd) || exit 73
verdict=$WORK/verdict.txt
: >"$verdict" || exit 73

# Ends with exit code $1 and these words, in the format asked for.
refuse() {
  local status=$1 words=$2
  printf '%s\n' "$words" >>"$verdict"
  printf '%s\n' "$words" >&2
  case $FORMAT in
    github)
      printf '::error title=root expiry::%s\n' "${words//%/%25}"
      [ -z "${GITHUB_STEP_SUMMARY:-}" ] || printf '## root expiry: failed\n\n%s\n' "$words" >>"$GITHUB_STEP_SUMMARY"
      ;;
    prometheus) printf '# TYPE tuf_audit_exit_code gauge\ntuf_audit_exit_code %s\n' "$status" ;;
    nagios)
      [ "$status" = 1 ] && { printf 'TUF CRITICAL - %s\n' "${words//|/ }"; exit 2; }
      printf 'TUF UNKNOWN - %s\n' "${words//|/ }"
      exit 3
      ;;
  esac
  exit "$status"
}

for name in REPOSITORY TRUSTED_ROOT TUF_AUDIT TUF_AUDIT_SHA256; do
  [ -n "${!name:-}" ] || refuse 64 "$name is not set."
done
REPOSITORY=${REPOSITORY%/}
is_address "$REPOSITORY" || refuse 64 "REPOSITORY is no https address."
[ -f "$TRUSTED_ROOT" ] || refuse 66 "The trusted root cannot be read; nothing was judged."

pinned_program "$TUF_AUDIT" "$TUF_AUDIT_SHA256" "$WORK/tuf-audit"
audit=$WORK/tuf-audit
cp -- "$TRUSTED_ROOT" "$WORK/trusted.root.json" || exit 73
time=()
[ -n "${AT:-}" ] && time=("--at=$AT")

# The one who reads the version of the trusted root must be as strict as the one who verifies it.
trusted_version=$(
  "$audit" verify "$WORK/trusted.root.json" --format json 2>/dev/null |
    sed -n 's/^ *"root_version": \([1-9][0-9]*\),*$/\1/p'
)
[[ $trusted_version =~ ^[0-9]{1,9}$ ]] || refuse 1 "TRUSTED_ROOT is no valid root metadata; nothing was judged."

# Below a folder named as the repository is, which is then what the verdict shows.
served=${REPOSITORY#*://}
rm -rf "$WORK/served"
mkdir -p "$WORK/served/$served" && cd "$WORK/served" || exit 73
fetch_roots "$REPOSITORY" "$trusted_version" "$served"

{
  echo "$REPOSITORY, from trusted version $trusted_version:"
  "$audit" verify "$served" --trusted ../trusted.root.json ${time[0]+"${time[@]}"}
} >>"$verdict" 2>&1
verified=$?
[ "$FORMAT" = github ] && echo "::group::tuf-audit verify"
case $FORMAT in
  github | text) cat "$verdict" ;;
  *) cat "$verdict" >&2 ;;
esac
[ "$FORMAT" = github ] && echo "::endgroup::"

expiry=("$audit" expiry "$served" --trusted ../trusted.root.json ${time[0]+"${time[@]}"}
  --warn "${WARN:-90}" --critical "${CRITICAL:-30}")
judged=0
output=$("${expiry[@]}" --format "$FORMAT") || judged=$?
"${expiry[@]}" >>"$verdict" 2>&1
# A chain that verify refuses is never fine and never a warning.
case $FORMAT:$judged in
  nagios:[23]) ;;
  nagios:[01] | [!n]*:[03]) [ "$verified" = 0 ] || refuse "$verified" "tuf-audit verify ended with $verified." ;;
  nagios:*) refuse 64 "tuf-audit expiry ended with $judged." ;;
esac
printf '%s\n' "$output"
exit "$judged"
