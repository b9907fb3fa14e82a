#!/bin/sh
# Starts the Flotilla agent: the program that install.sh laid out, or a newer one that the device upgraded itself to. What it starts takes
# its place; what stays is a shell that looks once a minute whether it still lives. It needs no healthy new program to go back to the old
# one: data/agent/launch names the program that is confirmed, and one on trial with the number of its starts; after MAX_STARTS of them the
# trial is over.
set -u

DIR='@DIR@'
NODE='@NODE@'
PROGRAMS="$DIR/data/agent"
MAX_STARTS=3
LOOK_EVERY_S=60
MAX_STILL_LOOKS=3

is_digest() {
  case "$1" in *[!0-9a-f]*) return 1 ;; esac
  [ "${#1}" -eq 64 ]
}

is_number() {
  case "$1" in '' | *[!0-9]*) return 1 ;; esac
}

# Durable before the program starts: one that takes the whole machine down is counted as well.
note() {
  printf '%s\n' "$1" >"$PROGRAMS/launch.new" || return 1
  sync "$PROGRAMS/launch.new" 2>/dev/null || sync
  mv -f "$PROGRAMS/launch.new" "$PROGRAMS/launch" || return 1
  sync "$PROGRAMS" 2>/dev/null || sync
}

# A program on trial that hangs is ended, so that whoever watches over the agent starts it again. $$ is what the program will have.
watch() {
  ( (
    sleep $(($2 * 2))
    read -r now <"$PROGRAMS/launch" || exit 0
    if [ "$now" = "$1" ] && grep -q agent.mjs "/proc/$$/cmdline"; then kill -KILL $$; fi
  ) </dev/null >/dev/null 2>&1 & )
}

# How often the program has waited for something, as the kernel counts. An agent at rest waits every few seconds; one that hangs, or runs in
# a circle, never again. It is a heartbeat that no full disk can stop, and that programs from before have as well.
waits() {
  while read -r name value; do
    if [ "$name" = voluntary_ctxt_switches: ]; then echo "$value"; fi
  done <"/proc/$1/task/$1/status"
}

# A program whose heart stands still is ended, so that whoever watches over the agent starts it again; one whose heart cannot be heard, on a
# kernel that does not count, is let alone. It outlives the program that becomes this launcher for an upgrade, under the same process id.
guard() {
  [ "${FLOTILLA_GUARDED-}" != $$ ] || return 0
  export FLOTILLA_GUARDED=$$
  ( (
    still=0 last=''
    while sleep "$LOOK_EVERY_S" && grep -q agent.mjs "/proc/$$/cmdline"; do
      now=$(waits $$)
      if [ -n "$now" ] && [ "$now" = "$last" ]; then still=$((still + 1)); else still=0; fi
      last=$now
      if [ "$still" -ge "$MAX_STILL_LOOKS" ]; then kill -KILL $$; fi
    done
  ) </dev/null >/dev/null 2>&1 & )
}

# The note is followed by its owner only: root never runs what the agent's user has written.
choose() {
  [ -O "$PROGRAMS/launch" ] || return 0
  confirmed='' trial='' starts='' seconds=''
  read -r confirmed trial starts seconds <"$PROGRAMS/launch" || return 0
  program=$confirmed
  is_digest "$trial" && is_number "$starts" && is_number "$seconds" || return 0
  umask 077
  if [ "$starts" -ge "$MAX_STARTS" ]; then
    note "$confirmed $trial failed $seconds"
  elif note "$confirmed $trial $((starts + 1)) $seconds"; then
    program=$trial
    watch "$confirmed $trial $((starts + 1)) $seconds" "$seconds"
  fi
}

program=installed
case "${1-}" in
  run | up)
    choose
    guard
    ;;
esac
home="$DIR/agent"
if is_digest "$program" && [ -f "$PROGRAMS/$program/agent.mjs" ]; then home="$PROGRAMS/$program"; fi
if [ -x "$home/bin/node" ]; then NODE="$home/bin/node"; fi
export FLOTILLA_LAUNCHER="$DIR/flotilla-agent"
exec "$NODE" --optimize-for-size --max-semi-space-size=1 "$home/agent.mjs" "$@"
