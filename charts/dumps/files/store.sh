#!/bin/sh
# The side of the object storage: what a database's side sends is encrypted and stored as it comes, what it asks for is
# fetched. Only whole backups have a manifest; those older than the retention go, and the newest whole one never does.
#
#   store.sh keep          stores a backup, then prunes
#   store.sh fetch FILE…   brings a backup into EXCHANGE and compares checksums; all of it when no file is named
#
#   EXCHANGE        folder that is shared with the database's side
#   RETENTION_DAYS  with keep
#   ENVIRONMENT     with keep: whose backups go when they are too old
#   ID              with fetch: the backup, a moment such as 20261128T030000Z
#   DUMPS           where backups of this engine are, such as dumps:postgres
#   DUMPS_KEY       what they are encrypted with
#   RCLONE_CONFIG_…  the two remotes: `dumps`, which encrypts, on top of the bucket
set -eu

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }

give_up() {
  say "$*"
  exit 1
}

# rclone wants its password scrambled. By stdin: arguments are everybody's to read.
RCLONE_CONFIG_DUMPS_PASSWORD=$(printf '%s\n' "$DUMPS_KEY" | rclone obscure -)
export RCLONE_CONFIG_DUMPS_PASSWORD RCLONE_CONFIG=/dev/null
unset DUMPS_KEY
export RCLONE_RETRIES="${RCLONE_RETRIES:-3}" RCLONE_LOW_LEVEL_RETRIES="${RCLONE_LOW_LEVEL_RETRIES:-10}"
export RCLONE_CONTIMEOUT=15s RCLONE_STATS=0
# Few parts in memory, whatever the size: next to the database there is little room. Garbage waits until the limit is near:
# a short run collects none.
export RCLONE_BUFFER_SIZE=0 GOGC=off GOMEMLIMIT=48MiB

keep() {
  mkfifo "$EXCHANGE/requests" "$EXCHANGE/answers" 2>/dev/null || :
  : >"$EXCHANGE/ready"
  exec 3<"$EXCHANGE/requests" 4>"$EXCHANGE/answers"
  ID= finished=
  while read -r verb name size <&3; do
    case $verb in
      begin) ID=$name ;;
      put) answer "$(store "$name" "${size:-0}")" ;;
      finish)
        finished=yes
        prune
        answer done
        ;;
    esac
  done
  [ -n "$finished" ] && return
  say "the database's side broke off: throwing away what it sent"
  [ -z "$ID" ] || rclone purge "$DUMPS/$ID" || :
  exit 1
}

# S3 allows 10,000 parts. Of 5 MiB, the least it takes, they are enough for 48 GiB; what is larger once it is unpacked gets
# larger ones.
part() {
  mebibytes=$(($1 / 9000 / 1048576 + 1))
  [ "$mebibytes" -gt 5 ] || mebibytes=5
  echo "$mebibytes"
}

# As many small parts on their way as keep the database's side from waiting; of large ones two.
at_once() { if [ "$1" -gt 10 ]; then echo 2; else echo 4; fi; }

answer() { echo "$1" >&4 2>/dev/null || :; }

store() {
  # What is left in the pipe after a failure is read to its end, so that nobody waits for ever at the other one.
  {
    part=$(part "$2")
    # Looking whether the folder is a file, as it does otherwise, hides why the bucket cannot be written to.
    # Each part carries a checksum of its own, and the manifest has one of the whole: rclone's third one compares nothing.
    at_once=$(at_once "$part")
    if RCLONE_S3_CHUNK_SIZE=${part}Mi RCLONE_S3_UPLOAD_CONCURRENCY=$at_once RCLONE_S3_NO_HEAD_OBJECT=true \
      RCLONE_IGNORE_CHECKSUM=true GOMEMLIMIT=$((24 + (at_once + 1) * part))MiB rclone rcat "$DUMPS/$ID/$1"; then echo done; else
      cat >/dev/null
      echo failed
    fi
  } <"$EXCHANGE/stream.$1"
}

# 20261128T030000Z → 20261128030000, which compares as a number.
number() { echo "$1" | tr -d TZ; }

ago() { date -u -d "@$(($(date +%s) - $1))" +%Y%m%d%H%M%S; }

# Whether a whole backup is this environment's: a bucket may hold those of another.
is_own() { rclone cat "$DUMPS/$1/manifest.json" | grep -qF "\"environment\":\"$ENVIRONMENT\""; }

# Removes what is older than the retention. A backup without a manifest is one that broke off, or that is being made
# right now by another: it goes after a day.
prune() {
  # Of half a list, whole backups would be taken for broken ones.
  found=$(rclone lsf --recursive --max-depth 2 --files-only "$DUMPS") || {
    say 'could not look for what has expired: next time'
    return 0
  }
  whole=$(echo "$found" | sed -n 's|/manifest.json$||p' | sort)
  newest=$(echo "$whole" | tail -n 1)
  expired=$(ago $((RETENTION_DAYS * 86400)))
  yesterday=$(ago 86400)
  for id in $(echo "$found" | cut -d / -f 1 | sort -u | grep -E '^[0-9]{8}T[0-9]{6}Z$'); do
    [ "$id" = "$newest" ] || [ "$id" = "$ID" ] && continue
    if echo "$whole" | grep -q "^$id\$"; then
      [ "$(number "$id")" -lt "$expired" ] || continue
      is_own "$id" || {
        say "$id is not $ENVIRONMENT's, or cannot be read: it stays"
        continue
      }
    else
      [ "$(number "$id")" -lt "$yesterday" ] || continue
    fi
    # Its manifest first: half of a backup must not look like one.
    rclone deletefile "$DUMPS/$id/manifest.json" 2>/dev/null || :
    if rclone purge "$DUMPS/$id"; then say "removed $id"; else say "could not remove $id: next time"; fi
  done
}

fetch() {
  bring manifest.json || give_up "there is no whole backup $ID at $DUMPS, or its key is another one"
  bring SHA256SUMS || give_up "the checksums of $ID are missing or damaged"
  [ $# -gt 0 ] || set -- $(sed 's/^[0-9a-f]*  //' "$EXCHANGE/SHA256SUMS")
  for file in "$@"; do
    bring "$file" || give_up "$file of $ID is missing or damaged"
    grep "  $file\$" "$EXCHANGE/SHA256SUMS" >"$EXCHANGE/expected" || give_up "$file is no part of $ID"
    (cd "$EXCHANGE" && sha256sum -c expected >&2) || give_up "$file of $ID is not what was backed up"
  done
}

# rclone takes what is not there for an empty folder, and is content.
bring() {
  rm -f "$EXCHANGE/$1"
  said=$(rclone copyto "$DUMPS/$ID/$1" "$EXCHANGE/$1" 2>&1) && [ -f "$EXCHANGE/$1" ] && return
  say "$said"
  case $said in
    *'remaining disk space'* | *'no space left on device'*) give_up "there is no room for $1: the disk that dumps are fetched to is full" ;;
  esac
  return 1
}

verb=$1
shift
"$verb" "$@"
