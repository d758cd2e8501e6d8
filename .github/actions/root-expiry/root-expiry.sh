#!/usr/bin/env bash
# Fetches what a TUF repository serves, as clients do: the roots after a pinned one, timestamp, snapshot, targets, and
# every delegated role that is not signed online. Says whether clients take it, and when what people sign expires.
# Nothing here is GitHub's: any CI system or timer can run it. `tuf-audit watch-script` prints it.
#
#   REPOSITORY        https address under which clients find N.root.json
#   TRUSTED_ROOT      the root metadata that you trust, a file
#   TUF_AUDIT         the program, a path or an https address
#   TUF_AUDIT_SHA256  its SHA-256 in hex; no other program is run
#   ROLES             all, or root for an address that serves roots alone; all unless set
#   WARN, CRITICAL    days before expiry, 90 and 30 unless set
#   AT                judge at this time, YYYY-MM-DDTHH:MM:SSZ, instead of now
#   FORMAT            of standard output, as `tuf-audit expiry --format` takes it; text unless set
#   WORK              a folder for what is fetched and for verdict.txt; a temporary one unless set
#
# Exit 0 fine, 1 a violation or inside CRITICAL, 3 inside WARN, 64 a setting is wrong, 66 something cannot be read or
# fetched. With FORMAT=nagios Nagios's own: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
set -uo pipefail
export LC_ALL=C

# Bytes of a root, as python-tuf's limit, of another file, and of the program; roots that are followed and other files
# that are fetched in one run.
ROOT_BYTES=512000 FILE_BYTES=67108864 PROGRAM_BYTES=268435456 ROOTS=1024 FILES=1024

# MARK: What is said

# Ends with exit code $1 and these words, in the format asked for.
refuse() {
  local status=$1 words=$2 escaped
  printf '%s\n' "$words" >>"$verdict"
  printf '%s\n' "$words" >&2
  case $FORMAT in
    github)
      printf '::error title=root expiry::%s\n' "${words//%/%25}"
      summarize "## root expiry: failed" "" "$words"
      ;;
    prometheus) printf '# TYPE tuf_audit_exit_code gauge\ntuf_audit_exit_code %s\n' "$status" ;;
    junit)
      escaped=$(sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' <<<"$words")
      printf '<testsuites><testsuite id="0" package="tuf" name="root-expiry" timestamp="%s" hostname="-" tests="1" ' \
        "$(date -u +%Y-%m-%dT%H:%M:%S)"
      printf 'failures="0" errors="1" time="0"><properties/><testcase name="watch" classname="root-expiry" time="0">'
      printf '<error type="%s" message="%s"/></testcase><system-out/><system-err/></testsuite></testsuites>\n' \
        "EXIT-$status" "$escaped"
      ;;
    nagios)
      [ "$status" = 1 ] && { printf 'TUF CRITICAL - %s\n' "${words//|/ }"; exit 2; }
      printf 'TUF UNKNOWN - %s\n' "${words//|/ }"
      exit 3
      ;;
  esac
  exit "$status"
}

# Lines for the summary of a GitHub job.
summarize() { [ -z "${GITHUB_STEP_SUMMARY:-}" ] || printf '%s\n' "$@" >>"$GITHUB_STEP_SUMMARY"; }

# What belongs into the verdict and is no finding.
notes=()
note() {
  notes+=("$1")
  printf 'note: %s\n' "$1" >>"$verdict"
  [ "$FORMAT" != github ] || { printf '::notice title=root expiry::%s\n' "${1//%/%25}"; summarize "- $1"; }
}

# MARK: Fetching

# https, or http to this machine itself. No query, no user, no empty or dotted name, and nothing that
# a shell or curl would read otherwise.
is_address() {
  [[ ${1#*://} != *//* && $1 != */.* ]] || return 1
  [[ $1 =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~%+/-]*)?$ ]] ||
    [[ $1 =~ ^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/[A-Za-z0-9._~%+/-]*)?$ ]]
}

# Fetches address $1 into file $2, at most $3 bytes (a multiple of 1,024), with further options of curl. Prints the HTTP
# status and where a redirect leads; ends as curl does. The bound holds for a server that names no length, too.
get() {
  local address=$1 file=$2 limit=$3
  shift 3
  rm -f "$file"
  (
    ulimit -f $((limit / 1024)) 2>/dev/null
    exec curl --disable --globoff --silent --show-error --proto '=https,http' --proto-redir '=https' --noproxy \
      '127.0.0.1,localhost,::1' --connect-timeout 20 --max-time 300 --max-filesize "$limit" \
      --write-out '%{http_code} %{redirect_url}' --output "$file" "$@" --url "$address"
  )
}

# What kept curl from fetching, by its exit code.
curl_words() {
  case $1 in
    6) echo "curl 6: the name of the server is not known" ;;
    7) echo "curl 7: nobody answers there" ;;
    18 | 56) echo "curl $1: the connection broke off" ;;
    28) echo "curl 28: no answer in time" ;;
    35 | 5[1389] | 60 | 77 | 8[023] | 9[01]) echo "curl $1: TLS, or the server's certificate" ;;
    52) echo "curl 52: an empty answer" ;;
    *) echo "curl $1" ;;
  esac
}

# Copies or fetches the program $1 to $3, and refuses it unless its SHA-256 is $2.
pinned_program() {
  local from=$1 digest=$2 program=$3 answer ended=0
  [[ $digest =~ ^[0-9a-fA-F]{64}$ ]] || refuse 64 "TUF_AUDIT_SHA256 is no SHA-256 in hex."
  rm -f "$program"
  if is_address "$from"; then
    answer=$(get "$from" "$program" "$PROGRAM_BYTES" --location --max-redirs 5) || ended=$?
    [ "$ended" = 0 ] || refuse 66 "tuf-audit cannot be fetched ($(curl_words "$ended")); nothing was judged."
    [ "${answer%% *}" = 200 ] ||
      refuse 66 "tuf-audit cannot be fetched (HTTP status ${answer%% *}); nothing was judged."
  else
    cp -- "$from" "$program" 2>/dev/null || refuse 66 "tuf-audit is not there; nothing was judged."
  fi
  # The copy is hashed and the copy is run: what it was made from may change.
  [ "$(sha256sum <"$program" | cut -d' ' -f1)" = "${digest,,}" ] || {
    rm -f "$program"
    refuse 1 "tuf-audit is not the one whose digest is pinned; it was not run and nothing was judged."
  }
  chmod 755 "$program"
}

# Fetches file $1 of the repository, at most $2 bytes. 0 where it is served, 1 where the server says that there is none,
# with its answer in `answered`; 2 where it cannot be fetched and 3 where it is too large, with words in `trouble`.
fetch() {
  local name=$1 limit=$2 part=$work/part answer ended=0
  answer=$(get "$REPOSITORY/$name" "$part" "$limit") || ended=$?
  local target=${answer#* }
  answered=${answer%% *}
  case $ended,$answered in
    0,200) mv "$part" "$folder/$name" ;;
    0,404 | 0,403) return 1 ;;
    0,3??)
      is_address "$target" || target="another address"
      trouble="$name: HTTP status $answered, a redirect to $target. None is followed here: give the address that serves the files."
      return 2
      ;;
    0,*) trouble="$name: HTTP status $answered, neither 200 nor 404."; return 2 ;;
    # Said by the server, written up to the bound, or the signal at the bound.
    63,* | 23,200 | 153,*) trouble="$name is larger than $limit bytes; clients refuse it."; return 3 ;;
    *) trouble="$name cannot be fetched ($(curl_words "$ended"))."; return 2 ;;
  esac
}

# MARK: Roots

# The version of a root that is valid by itself; nothing for any other file. The one who reads the version must be as
# strict as the one who verifies it.
root_version() {
  "$audit" verify "$1" --format json 2>/dev/null | sed -n 's/^ *"root_version": \([1-9][0-9]*\),*$/\1/p'
}

# Whether version $1 was fetched and can be what clients go on from; if not, the verdict will say why.
is_root() { [ "$(root_version "$folder/$1.root.json")" = "$1" ]; }

fetch_root() {
  fetch "$1.root.json" "$ROOT_BYTES"
  local fetched=$?
  case $fetched in
    2) refuse 66 "$trouble Nothing was judged." ;;
    3) refuse 1 "$trouble" ;;
  esac
  return $fetched
}

# Fetches the trusted version $1 and every later one, as clients do, to the first that they refuse.
fetch_roots() {
  local version=$1
  local last=$((version + ROOTS))
  # An address where there is nothing at all must not look like a repository with no newer root.
  fetch_root "$version" || case $answered in
    403) refuse 66 "$version.root.json, the trusted version: HTTP status 403. Either it is not there, or the server refuses this machine; nothing was judged." ;;
    *) refuse 1 "The repository does not serve $version.root.json, the trusted version; is the address right?" ;;
  esac
  while is_root "$version" || return 0; do
    [ "$version" -lt "$last" ] || refuse 1 "More than $ROOTS roots after the trusted one; pin a newer root."
    fetch_root "$((version + 1))" || break
    version=$((version + 1))
  done
  local next="$((version + 1)).root.json" end=$answered
  # Clients stop at the first that is missing, and never learn of those behind it.
  if fetch "$((version + 2)).root.json" "$ROOT_BYTES" && is_root "$((version + 2))"; then
    refuse 1 "$next is missing (HTTP status $end) and $((version + 2)).root.json is there; clients stay at $version."
  fi
  rm -f "$folder/$((version + 2)).root.json"
  [ "$end" = 404 ] ||
    note "$next: HTTP status $end. python-tuf, tuf-js and tough take that for the end of the roots, as they take 404, and so does this verdict; other clients may stop. Let the server say 404."
}

# MARK: Other files

# The files that clients ask for next, by what is at hand.
asked_for() {
  "$audit" verify "$folder" --trusted ../trusted.root.json ${time[0]+"${time[@]}"} --format json 2>/dev/null |
    sed -n 's/^ *"file": "\([A-Za-z0-9_.~%-]*\)",*$/\1/p'
}

# Fetches what the roots lead to. `unfetched` gets the words for what could not be fetched, `complete` the option that
# says that everything was asked for.
unfetched="" complete=(--complete)
fetch_others() {
  local name is_asked=1 count=0
  local -A asked=()
  while [ "$is_asked" = 1 ]; do
    is_asked=0
    while read -r name; do
      if [ -n "${asked[$name]:-}" ] || [ -e "$folder/$name" ]; then continue; fi
      count=$((count + 1))
      if [ "$count" -gt "$FILES" ]; then
        unfetched="More than $FILES files besides the roots; the rest was not fetched." complete=()
        return
      fi
      asked[$name]=1 is_asked=1
      fetch "$name" "$FILE_BYTES"
      case $? in
        1) note "$name: HTTP status $answered." ;;
        2 | 3) unfetched=$trouble complete=() ;;
      esac
    done < <(asked_for)
  done
}

# MARK: The watch

FORMAT=${FORMAT:-text} ROLES=${ROLES:-all}
work=${WORK:-}
if [ -z "$work" ]; then
  work=$(mktemp -d) || exit 73
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work" && work=$(cd "$work" && pwd) || exit 73
verdict=$work/verdict.txt
: >"$verdict" || exit 73

for name in REPOSITORY TRUSTED_ROOT TUF_AUDIT TUF_AUDIT_SHA256; do
  [ -n "${!name:-}" ] || refuse 64 "$name is not set."
done
REPOSITORY=${REPOSITORY%/}
is_address "$REPOSITORY" || refuse 64 "REPOSITORY is no https address."
case $ROLES in all | root) ;; *) refuse 64 "ROLES is neither all nor root." ;; esac
[ -f "$TRUSTED_ROOT" ] || refuse 66 "The trusted root $TRUSTED_ROOT cannot be read; nothing was judged."

pinned_program "$TUF_AUDIT" "$TUF_AUDIT_SHA256" "$work/tuf-audit"
audit=$work/tuf-audit
cp -- "$TRUSTED_ROOT" "$work/trusted.root.json" || exit 73
time=()
[ -n "${AT:-}" ] && time=("--at=$AT")

trusted_version=$(root_version "$work/trusted.root.json")
[[ $trusted_version =~ ^[0-9]{1,9}$ ]] || {
  words=$("$audit" verify "$work/trusted.root.json" 2>&1 | grep '^error' | head -n 1)
  refuse 1 "TRUSTED_ROOT is no valid root metadata; nothing was judged. ${words//"$work/"/}"
}

# Below a folder named as the repository is, which is then what the verdict shows.
folder=${REPOSITORY#*://}
rm -rf "$work/served"
mkdir -p "$work/served/$folder" && cd "$work/served" || exit 73
echo "$REPOSITORY, from trusted version $trusted_version:" >>"$verdict"
fetch_roots "$trusted_version"
if [ "$ROLES" = all ]; then fetch_others; else complete=(); fi

given=("$folder" --trusted ../trusted.root.json ${complete[0]+"${complete[@]}"} ${time[0]+"${time[@]}"})
verified=0
chain=$("$audit" verify "${given[@]}" 2>&1) || verified=$?
[ "$FORMAT" != github ] || printf '::group::tuf-audit verify\n%s\n::endgroup::\n' "$chain"

expiry=("$audit" expiry "${given[@]}" --warn "${WARN:-90}" --critical "${CRITICAL:-30}")
judged=0
output=$("${expiry[@]}" --format "$FORMAT") || judged=$?
"${expiry[@]}" >>"$verdict" 2>&1
# People read the whole verdict, on standard error where standard output is for a machine.
case $FORMAT in
  github) ;;
  text) cat "$verdict"; output="" ;;
  *) cat "$verdict" >&2 ;;
esac
# A chain that verify refuses is never fine and never a warning, nor is a repository of which a file is not known.
case $FORMAT:$judged in
  nagios:[23]) ;;
  nagios:[01] | [!n]*:[03])
    [ "$verified" = 0 ] || refuse "$verified" "tuf-audit verify ended with $verified. $(grep -m 1 '^error' <<<"$chain")"
    [ -z "$unfetched" ] || refuse 66 "$unfetched What else is served was judged, and no violation was found."
    ;;
  nagios:*) refuse 64 "tuf-audit expiry ended with $judged." ;;
esac
[ -z "$output" ] || printf '%s\n' "$output"
[ "$FORMAT" != nagios ] || [ "${#notes[@]}" = 0 ] || printf '%s\n' "${notes[@]//|/ }"
exit "$judged"
