#!/bin/sh
# The last CNI plugin of a pod's network: it tells the program that runs the nodes which pod has which address, and waits
# for its answer. No program of a pod starts before policies are in force for it.
set -eu
cd "${0%/*}/announced"
id=$CNI_CONTAINERID
rm -f "$id.answer"
mkfifo "$id.answer"
# Open both ways, so that neither side waits for the other to open it.
exec 3<>"$id.answer"
{
  printf '%s\n%s\n' "$CNI_COMMAND" "${CNI_ARGS:-}"
  cat
} >"$id.asking"
mv "$id.asking" "$id.asked"
read -r status <&3
read -r answer <&3
rm "$id.answer"
printf '%s\n' "$answer"
exit "$status"
