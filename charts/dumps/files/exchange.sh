# Read by the scripts that run beside a database. The official images of databases speak no S3, and the one of rclone
# speaks no SQL: two containers share a folder with named pipes, and no byte of a dump is written to a disk.
#
#   requests   what the database's side asks, a line each: "begin ID"; "put NAME SIZE", then the content through the pipe
#              stream.NAME, which is no larger than SIZE, when that is known; "finish" when all of it is there
#   answers    what the other side says to each: "done" or "failed"
#
# The end of `requests` without "finish" means that the database's side died: what it sent is thrown away.

ID=${ID:-$(date -u +%Y%m%dT%H%M%SZ)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }

give_up() {
  say "$*"
  exit 1
}

# Both sides open the two pipes in this order; each waits here for the other. A container that never starts is not waited
# for all night.
open_exchange() {
  waited=0
  until [ -e "$EXCHANGE/ready" ]; do
    [ "$waited" -lt 600 ] || give_up 'the container store did not start within ten minutes'
    waited=$((waited + 1))
    sleep 1
  done
  mkfifo "$EXCHANGE/requests" "$EXCHANGE/answers" 2>/dev/null || :
  exec 3>"$EXCHANGE/requests" 4<"$EXCHANGE/answers"
  echo "begin $ID" >&3
}

# Fast rather than small: while a dump goes on, the database cannot clean up after itself, and a tenth more in an object
# storage is cheap. In pieces that fit into a processor's cache: a quarter faster, in a fraction of the memory.
compress() { zstd -q -1 -T1 -B1M; }

# The processor's own instructions, where the image has a program that knows them: a quarter of the work.
if command -v openssl >/dev/null; then
  checksum() { openssl dgst -sha256 -r; }
else
  checksum() { sha256sum; }
fi

# What comes in by stdin becomes the object NAME of this backup, at most SIZE bytes when that is given; its size and its checksum are kept beside.
put() {
  mkfifo "$EXCHANGE/stream.$1" "$work/$1.count"
  wc -c <"$work/$1.count" >"$work/$1.bytes" &
  counting=$!
  echo "put $1 ${2:-}" >&3
  tee "$EXCHANGE/stream.$1" "$work/$1.count" | checksum >"$work/$1.sha256"
  wait "$counting"
  read -r answer <&4 || give_up "nobody stores $1 any more"
  rm "$EXCHANGE/stream.$1" "$work/$1.count"
  [ "$answer" = done ] || give_up "$1 could not be stored: see the container store"
  sum=$(cut -d ' ' -f 1 "$work/$1.sha256")
  echo "$sum  $1" >>"$EXCHANGE/SHA256SUMS"
}

# `"file":…,"bytes":…,"sha256":…` of what was put under this name, for the manifest.
put_as_json() {
  printf '"file":"%s","bytes":%d,"sha256":"%s"' "$1" "$(cat "$work/$1.bytes")" "$(cut -d ' ' -f 1 "$work/$1.sha256")"
}

# Runs a command whose output is piped on: a shell hears nothing of the failure of what stands on a pipe's left.
watched() {
  "$@" || echo "$? $1" >>"$EXCHANGE/failures"
}

refuse_failures() {
  [ ! -s "$EXCHANGE/failures" ] || give_up "the dump of $1 broke off: exit code $(cat "$EXCHANGE/failures")"
}

# The manifest comes last: a backup without one is none.
finish() {
  put SHA256SUMS <"$EXCHANGE/SHA256SUMS"
  put manifest.json <"$work/manifest"
  echo finish >&3
  read -r answer <&4 || give_up 'nobody finishes this backup'
  [ "$answer" = done ] || give_up 'it could not be finished: see the container store'
}
