#!/bin/sh
# The side of the object storage: what a database's side sends is encrypted and stored as it comes, what it asks for is
# fetched. Only whole backups have a manifest; those older than the retention go, and the newest whole one never does.
#
#   store.sh keep          stores a backup, then prunes
#   store.sh fetch FILE…   brings a backup into EXCHANGE and compares checksums; all of it when no file is named
#
#   EXCHANGE        folder that is shared with the database's side
#   RETENTION_DAYS  with keep
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
# Two parts of 16 MiB in memory, so that a dump of up to 150 GiB fits into the 10,000 parts that S3 allows.
export RCLONE_S3_CHUNK_SIZE=16Mi RCLONE_S3_UPLOAD_CONCURRENCY=2 RCLONE_USE_MMAP=true
export RCLONE_RETRIES="${RCLONE_RETRIES:-3}" RCLONE_LOW_LEVEL_RETRIES="${RCLONE_LOW_LEVEL_RETRIES:-10}"
export RCLONE_CONTIMEOUT=15s RCLONE_STATS=0

keep() {
  mkfifo "$EXCHANGE/requests" "$EXCHANGE/answers" 2>/dev/null || :
  : >"$EXCHANGE/ready"
  exec 3<"$EXCHANGE/requests" 4>"$EXCHANGE/answers"
  ID= finished=
  while read -r verb name <&3; do
    case $verb in
      begin) ID=$name ;;
      put) answer "$(store "$name")" ;;
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

answer() { echo "$1" >&4 2>/dev/null || :; }

store() {
  # What is left in the pipe after a failure is read to its end, so that nobody waits for ever at the other one.
  {
    # Looking whether the folder is a file, as it does otherwise, hides why the bucket cannot be written to.
    if RCLONE_S3_NO_HEAD_OBJECT=true rclone rcat "$DUMPS/$ID/$1"; then echo done; else
      cat >/dev/null
      echo failed
    fi
  } <"$EXCHANGE/stream.$1"
}

# 20261128T030000Z → 20261128030000, which compares as a number.
number() { echo "$1" | tr -d TZ; }

ago() { date -u -d "@$(($(date +%s) - $1))" +%Y%m%d%H%M%S; }

# Removes what is older than the retention. A backup without a manifest is one that broke off, or that is being made
# right now by another: it goes after a day.
prune() {
  whole=$(rclone lsf --recursive --max-depth 2 --files-only --include '/*/manifest.json' "$DUMPS" | cut -d / -f 1 | sort)
  newest=$(echo "$whole" | tail -n 1)
  expired=$(ago $((RETENTION_DAYS * 86400)))
  yesterday=$(ago 86400)
  for id in $(rclone lsf --dirs-only "$DUMPS" | tr -d / | grep -E '^[0-9]{8}T[0-9]{6}Z$'); do
    [ "$id" = "$newest" ] || [ "$id" = "$ID" ] && continue
    if echo "$whole" | grep -q "^$id\$"; then limit=$expired; else limit=$yesterday; fi
    [ "$(number "$id")" -lt "$limit" ] || continue
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
  rclone copyto "$DUMPS/$ID/$1" "$EXCHANGE/$1" && [ -f "$EXCHANGE/$1" ]
}

verb=$1
shift
"$verb" "$@"
