#!/bin/sh
# Builds Dockerfiles as root, as a user with a range in /etc/subuid and as a user without one, all with what --isolation auto
# chooses, and compares: the digests must be the same. Needs root, two such users, and newuidmap.
#
#   useradd -m withsub; useradd -m nosub; sed -i /^nosub:/d /etc/subuid /etc/subgid
#   printf 'CONTEXT\tDOCKERFILE\tOPTIONS\n' | Tests/EndToEnd/same-everywhere.sh SLIPWAY [BASE.tar NAME]...
#
# Standard input has a build a line; DOCKERFILE is a path, or - for the context's own. Every BASE.tar is loaded as NAME before.
# RANGE_USER and PLAIN_USER name the users. A line for each build goes to standard output; the status is 1 if one differs.
set -u
slipway=$1
shift
range=${RANGE_USER:-withsub}
plain=${PLAIN_USER:-nosub}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1700000000}"
work=$(mktemp -d)
chmod 755 "$work"
trap 'for user in root $range $plain; do as $user "$work/slipway" prune -af; done >/dev/null 2>&1; rm -rf "$work"' EXIT
cp "$slipway" "$work/slipway"

# Runs a command as a user with the user's own store.
as() {
  user=$1
  shift
  folder=$work/$user
  if [ ! -d "$folder" ]; then
    mkdir "$folder" && chown "$user" "$folder"
  fi
  if [ "$user" = root ]; then
    HOME=$folder SLIPWAY_ROOT=$folder/store TMPDIR=$folder "$@"
  else
    env HOME="$folder" SLIPWAY_ROOT="$folder/store" TMPDIR="$folder" \
      setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
  fi
}

as "$range" "$work/slipway" doctor | grep -q 'users of /etc/subuid' || {
  echo "$range has no range that works: slipway doctor says why" >&2
  exit 2
}
while [ $# -ge 2 ]; do
  for user in root "$range" "$plain"; do
    as "$user" "$work/slipway" load -q -i "$1" -t "$2" >/dev/null || exit 2
  done
  shift 2
done

tab=$(printf '\t')
same=0
different=0
while IFS="$tab" read -r context file options; do
  results=
  for user in root "$range" "$plain"; do
    # The options are words of a shell.
    eval "set -- $options"
    [ "${file:--}" != - ] && set -- "$@" -f "$file"
    # A build that fails has to fail everywhere.
    digest=$(as "$user" "$work/slipway" build --no-cache -q "$@" "$context" \
      2>"$work/error-$user" </dev/null) || digest="fails($?)"
    results="$results $digest"
  done
  set -- $results
  if [ "$1" = "$2" ] && [ "$1" = "$3" ]; then
    same=$((same + 1))
    printf 'same\t%s\t%s\n' "$context" "$1"
  else
    different=$((different + 1))
    printf 'DIFFERENT\t%s\t%s\n' "$context" "$results"
    tail -n 3 "$work/error-root" "$work/error-$range" "$work/error-$plain" >&2
  fi
done
echo "$same the same, $different different"
[ "$different" = 0 ]
