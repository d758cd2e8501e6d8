# shellcheck shell=bash
# Functions that fetch; `refuse STATUS WORDS` is the caller's, and ends it.

# Bytes of one root, as python-tuf's limit; how many roots are followed in one run; bytes of the program.
ROOT_BYTES=512000 ROOTS=1024 PROGRAM_BYTES=268435456

# https, or http to this machine itself. No query, no user, no empty or dotted name, and nothing that
# a shell or curl would read otherwise.
is_address() {
  [[ ${1#*://} != *//* && $1 != */.* ]] || return 1
  [[ $1 =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~%+/-]*)?$ ]] ||
    [[ $1 =~ ^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/[A-Za-z0-9._~%+/-]*)?$ ]]
}

# Fetches address $1 into file $2, at most $3 bytes (a multiple of 1,024), with further options of curl. Prints the HTTP
# status; ends as curl does. The bound holds for a server that names no length, too.
get() {
  local address=$1 file=$2 limit=$3
  shift 3
  rm -f "$file"
  (
    ulimit -f $((limit / 1024)) 2>/dev/null
    exec curl --disable --globoff --silent --show-error --proto '=https,http' --proto-redir '=https' --noproxy \
      '127.0.0.1,localhost,::1' --connect-timeout 20 --max-time 300 --max-filesize "$limit" \
      --write-out '%{http_code}' --output "$file" "$@" --url "$address"
  )
}

# Copies or fetches the program $1 to $3, and refuses it unless its SHA-256 is $2.
pinned_program() {
  local from=$1 digest=$2 program=$3 status
  [[ $digest =~ ^[0-9a-fA-F]{64}$ ]] || refuse 64 "TUF_AUDIT_SHA256 is no SHA-256 in hex."
  rm -f "$program"
  if is_address "$from"; then
    status=$(get "$from" "$program" "$PROGRAM_BYTES" --location --max-redirs 5) || status=000
    [ "$status" = 200 ] ||
      refuse 66 "tuf-audit cannot be fetched (HTTP status $status); nothing was judged."
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

# Fetches version $2 of the root at address $1 into folder $3. 0 where there is one, 1 where there is none.
fetch_root() {
  local address=$1 version=$2 folder=$3 status ended=0
  local part=$folder.part
  status=$(get "$address/$version.root.json" "$part" "$ROOT_BYTES") || ended=$?
  case $ended,$status in
    0,200) mv "$part" "$folder/$version.root.json" ;;
    0,404) rm -f "$part"; return 1 ;;
    0,*) refuse 66 "$version.root.json: HTTP status $status, neither 200 nor 404; nothing was judged." ;;
    # Said by the server, written up to the bound, or the signal at the bound.
    63,* | 23,200 | 153,*) refuse 1 "$version.root.json is larger than $ROOT_BYTES bytes; clients refuse it." ;;
    *) refuse 66 "$version.root.json cannot be fetched (curl $ended); nothing was judged." ;;
  esac
}

# Fetches from address $1 the trusted version $2 and every later one, as clients do, into folder $3.
fetch_roots() {
  local address=$1 version=$2 folder=$3
  local last=$((version + ROOTS))
  # An address where there is nothing at all must not look like a repository with no newer root.
  fetch_root "$address" "$version" "$folder" ||
    refuse 1 "The repository does not serve $version.root.json, the trusted version; is the address right?"
  while [ "$version" -lt "$last" ]; do
    fetch_root "$address" "$((version + 1))" "$folder" || break
    version=$((version + 1))
  done
  [ "$version" -lt "$last" ] ||
    refuse 1 "More than $ROOTS roots after the trusted one; pin a newer root."
  # Clients stop at the first that is missing, and never learn of those behind it.
  if fetch_root "$address" "$((version + 2))" "$folder"; then
    refuse 1 "$((version + 1)).root.json is missing and $((version + 2)).root.json is there; clients stay at $version."
  fi
}
