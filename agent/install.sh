#!/bin/sh
# Installs the Flotilla agent that this server serves, enrolls the device, and starts it.
#   curl -fsSL __SERVER_URL__/install.sh | sh -s -- --token flt_enr_... [--dir DIR] [--name NAME] [--no-service]
# Running it again upgrades the program and keeps the device's identity and state.
set -eu

SERVER_URL='__SERVER_URL__'
SERVICE_USER='flotilla'
UNIT_PATH='/etc/systemd/system/flotilla-agent.service'
MIN_NODE_MAJOR=22

say() { printf 'flotilla: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
need() { command -v "$1" >/dev/null 2>&1 || fail "the program \"$1\" is needed and is not installed"; }

usage() {
  fail "usage: sh -s -- --token TOKEN [--dir DIR] [--name NAME] [--no-service]${1:+ ($1)}"
}

main() {
  token='' dir='' name='' wants_service=yes
  while [ $# -gt 0 ]; do
    case "$1" in
      --token) token=${2-}; [ -n "$token" ] || usage '--token needs a value'; shift 2 ;;
      --dir) dir=${2-}; [ -n "$dir" ] || usage '--dir needs a value'; shift 2 ;;
      --name) name=${2-}; [ -n "$name" ] || usage '--name needs a value'; shift 2 ;;
      --no-service) wants_service=no; shift ;;
      *) usage "unknown option $1" ;;
    esac
  done

  for program in curl tar gzip sha256sum uname mktemp; do need "$program"; done
  platform=$(platform_name)
  if [ -z "$dir" ]; then
    if is_root; then dir=/opt/flotilla-agent; else dir="$HOME/.flotilla-agent"; fi
  fi
  case "$dir" in
    /*) ;;
    *) dir="$PWD/$dir" ;;
  esac
  case "$dir" in
    *[!A-Za-z0-9/._-]*) fail "the folder \"$dir\" may have letters, digits and / . _ - in its name" ;;
  esac
  if [ -z "$token" ] && [ ! -f "$dir/data/identity/identity.json" ]; then usage '--token is missing'; fi

  mkdir -p "$dir/data" || fail "cannot make $dir; run as root or choose another folder with --dir"
  chmod 700 "$dir/data"
  work=$(mktemp -d "$dir/install.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  download "$platform"
  node=$(find_node "$work/flotilla-agent") || exit 1
  swap_in
  rm -rf "$work"

  if [ "$wants_service" = yes ] && is_root && [ -d /run/systemd/system ]; then
    install_service
  else
    run_in_foreground
  fi
}

is_root() { [ "$(id -u)" -eq 0 ]; }

platform_name() {
  [ "$(uname -s)" = Linux ] || fail "the agent runs on Linux; this is $(uname -s)"
  case "$(uname -m)" in
    x86_64 | amd64) echo linux-x64 ;;
    aarch64 | arm64) echo linux-arm64 ;;
    *) fail "there is no agent for $(uname -m); it runs on x86_64 and aarch64" ;;
  esac
}

# Fetches and checks the archive; nothing of it is used before its digest is right.
download() {
  archive="flotilla-agent-$1.tar.gz"
  say "downloading $archive from $SERVER_URL"
  curl -fsSL --retry 5 --retry-delay 2 -o "$work/$archive" "$SERVER_URL/install/$archive" ||
    fail "could not download $SERVER_URL/install/$archive"
  curl -fsSL --retry 5 --retry-delay 2 -o "$work/$archive.sha256" "$SERVER_URL/install/$archive.sha256" ||
    fail "could not download the digest of $archive"
  (cd "$work" && sha256sum -c "$archive.sha256" >/dev/null 2>&1) ||
    fail "$archive does not have the digest that the server states; try again"
  tar -xzf "$work/$archive" -C "$work" || fail "could not unpack $archive; is there room in $dir?"
}

# The archive's own Node, else one of this machine that is new enough.
find_node() {
  if [ -x "$1/bin/node" ]; then
    "$1/bin/node" --version >/dev/null 2>&1 || fail "the Node.js in the archive does not run here (glibc 2.28 or newer is needed)"
    echo "$dir/agent/bin/node"
    return
  fi
  found=$(command -v node || true)
  [ -n "$found" ] || fail "this platform needs Node.js $MIN_NODE_MAJOR or newer; install it and run this again"
  major=$("$found" -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge "$MIN_NODE_MAJOR" ] || fail "Node.js $MIN_NODE_MAJOR or newer is needed; $found is version $major"
  echo "$found"
}

# The program is replaced as a whole; data/ is never touched.
swap_in() {
  rm -rf "$dir/agent.old"
  if [ -d "$dir/agent" ]; then mv "$dir/agent" "$dir/agent.old"; fi
  mv "$work/flotilla-agent" "$dir/agent"
  rm -rf "$dir/agent.old"
  # What the device upgraded itself to before gives way to what is installed now.
  rm -f "$dir/data/agent/launch"
  sed -e "s|@NODE@|$node|g" -e "s|@DIR@|$dir|g" "$dir/agent/launcher.sh" >"$work/launcher"
  mv -f "$work/launcher" "$dir/flotilla-agent"
  chmod 755 "$dir" "$dir/flotilla-agent"
}

install_service() {
  need systemctl
  id "$SERVICE_USER" >/dev/null 2>&1 ||
    useradd --system --home-dir "$dir/data" --no-create-home --shell /usr/sbin/nologin "$SERVICE_USER" ||
    fail "could not make the user $SERVICE_USER"
  chown -R root:root "$dir/agent" "$dir/flotilla-agent"
  chown -R "$SERVICE_USER:$SERVICE_USER" "$dir/data"
  groups=''
  for group in video i2c; do
    if getent group "$group" >/dev/null 2>&1; then groups="$groups $group"; fi
  done
  sed -e "s|@DIR@|$dir|g" -e "s|@GROUPS@|${groups# }|" "$dir/agent/flotilla-agent.service" >"$UNIT_PATH"
  if [ -n "$token" ]; then
    set -- enroll --server "$SERVER_URL" --token "$token" --dir "$dir/data"
    if [ -n "$name" ]; then set -- "$@" --name "$name"; fi
    runuser -u "$SERVICE_USER" -- "$dir/flotilla-agent" "$@" || fail 'the device was not enrolled; see the reason above'
  fi
  systemctl daemon-reload
  systemctl enable flotilla-agent >/dev/null 2>&1
  systemctl restart flotilla-agent
  say "the agent runs; look at it with: systemctl status flotilla-agent, or: $dir/flotilla-agent status --dir $dir/data"
}

run_in_foreground() {
  set -- up --dir "$dir/data"
  if [ -n "$token" ]; then set -- "$@" --server "$SERVER_URL" --token "$token"; fi
  if [ -n "$name" ]; then set -- "$@" --name "$name"; fi
  say "starting the agent in the foreground; its state is in $dir/data"
  trap - EXIT
  exec "$dir/flotilla-agent" "$@"
}

main "$@"
