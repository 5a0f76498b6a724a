#!/bin/sh
# Builds what people build, and runs it: a Debian base from debootstrap, an image with apt-get install, a web service in Python with
# pip, one in Node, and one in Swift in two stages. Each image is loaded into podman and into docker, run there, and asked for a page.
#
#     Tests/EndToEnd/real-use.sh [SLIPWAY]
#
# Needs root, Debian's archive, a package index for pip, and debootstrap, podman, runc, dockerd, docker, curl and a Swift toolchain.
# Settings: WORK, a folder that is kept (the base is not made again); MIRROR, for debootstrap; ONLY, the names of the services.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
slipway=$(realpath "${1:-$here/../../.build/release/slipway}")
if [ -n "${WORK:-}" ]; then
	mkdir -p "$WORK"
	work=$(realpath "$WORK")
else
	work=$(mktemp -d)
fi
failures=0
export SLIPWAY_ROOT="$work/store"

say() { echo "== $*"; }

cleanup() {
	if [ -s "$work/docker.pid" ]; then
		kill "$(cat "$work/docker.pid")" 2>/dev/null || true
		tries=100
		while [ -e "$work/docker.pid" ] && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
	fi
	if [ -z "${WORK:-}" ]; then rm -rf "$work"; fi
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# Programs

podman_() {
	podman --root "$work/podman" --runroot "$work/podman-run" --storage-driver vfs --cgroup-manager cgroupfs --runtime runc "$@"
}

docker_() { docker -H "unix://$work/docker.sock" "$@"; }

start_docker() {
	rm -f "$work/docker.pid"
	dockerd --iptables=false --bridge=none --storage-driver vfs --data-root "$work/docker" --exec-root "$work/docker-run" \
		--pidfile "$work/docker.pid" -H "unix://$work/docker.sock" >"$work/docker.log" 2>&1 &
	tries=300
	until docker_ info >"$work/docker.info" 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "dockerd does not start:"; tail "$work/docker.log"; exit 1; }
		sleep 0.1
	done
	echo "docker $(docker_ version --format '{{.Server.Version}}'), podman $(podman --version | cut -d ' ' -f 3)"
}

# Images

build() { # NAME FOLDER [OPTION...]
	name=$1
	folder=$2
	shift 2
	say "build $name"
	start=$(date +%s)
	if ! "$slipway" build --progress plain -t "$name:latest" -o "type=oci,dest=$work/$name.tar" "$@" "$folder" >"$work/$name.log" 2>&1; then
		tail -30 "$work/$name.log"
		echo "FAILED: $name cannot be built"
		exit 1
	fi
	"$slipway" load -i "$work/$name.tar" >"$work/$name.loaded"
	echo "$(du -m "$work/$name.tar" | cut -f 1) MB in $(($(date +%s) - start)) s"
}

page() { # PORT: waits until somebody answers
	tries=100
	until curl -fsS --max-time 5 "http://127.0.0.1:$1/" 2>"$work/curl.err"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { cat "$work/curl.err"; return 1; }
		sleep 0.1
	done
}

check() { # TOOL NAME PORT TEXT
	tool=$1
	name=$2
	container="slipway-$name-$$"
	case $tool in
	podman) limits="--ulimit nofile=1024:1024 --ulimit nproc=1024:1024" ;;
	docker) limits= ;;
	esac
	"${tool}_" load -i "$work/$name.tar" >"$work/$tool.out" 2>&1 || { cat "$work/$tool.out"; failures=$((failures + 1)); return; }
	# shellcheck disable=SC2086
	if ! "${tool}_" run -d --name "$container" --network host $limits -e "PORT=$3" "$name:latest" >"$work/$tool.out" 2>&1; then
		cat "$work/$tool.out"
		failures=$((failures + 1))
		return
	fi
	answer=$(page "$3") || answer="no answer: $("${tool}_" logs "$container" 2>&1 | tail -5)"
	"${tool}_" rm -f "$container" >"$work/$tool.out" 2>&1
	case $answer in
	*"$4"*) echo "ok: $name in $tool says: $(echo "$answer" | tail -1)" ;;
	*)
		echo "FAILED: $name in $tool: $answer"
		failures=$((failures + 1))
		;;
	esac
}

service() { # NAME PORT TEXT [BUILD OPTION...]
	name=$1
	port=$2
	text=$3
	shift 3
	case " ${ONLY:-$name} " in *" $name "*) ;; *) return 0 ;; esac
	build "$name" "$work/$name" "$@"
	check podman "$name" "$port" "$text"
	check docker "$name" "$port" "$text"
}

# The base

mkdir -p "$work/base"
if [ ! -e "$work/base/rootfs.tar" ]; then
	say "debootstrap"
	debootstrap --variant=minbase bookworm "$work/rootfs" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" 2>&1 ||
		{ tail "$work/debootstrap.log"; exit 1; }
	rm -rf "$work"/rootfs/var/cache/apt/archives/*.deb "$work"/rootfs/var/lib/apt/lists/*
	tar --numeric-owner --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -C "$work/rootfs" -cf "$work/base/rootfs.tar.part" .
	rm -rf "$work/rootfs"
	mv "$work/base/rootfs.tar.part" "$work/base/rootfs.tar"
fi
cat >"$work/base/Dockerfile" <<'DOCKERFILE'
FROM scratch
ADD rootfs.tar /
ENV LANG=C.UTF-8
CMD ["bash"]
DOCKERFILE

start_docker
build debian "$work/base"

# apt-get install

mkdir -p "$work/apt"
cat >"$work/apt/Dockerfile" <<'DOCKERFILE'
FROM debian
RUN apt-get update \
 && apt-get install -y --no-install-recommends lighttpd \
 && rm -rf /var/lib/apt/lists/*
COPY <<EOF /etc/lighttpd/lighttpd.conf
server.document-root = "/srv/www"
server.port = env.PORT
index-file.names = ( "index.txt" )
EOF
COPY <<EOF /srv/www/index.txt
a page from lighttpd
EOF
ENV PORT=18080
USER www-data
ENTRYPOINT ["/usr/sbin/lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf"]
DOCKERFILE
service apt 18081 "a page from lighttpd"

# Python with pip: the index, and what vouches for it, are this machine's, and stay out of the image.

mkdir -p "$work/python"
cat >"$work/python/Dockerfile" <<'DOCKERFILE'
FROM debian AS base
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked <<EOF
set -e
rm -f /etc/apt/apt.conf.d/docker-clean
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
EOF

FROM base AS build
WORKDIR /app
RUN python3 -m venv /app/venv
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    /app/venv/bin/pip install --cert /etc/ssl/certs/ca-certificates.crt -r requirements.txt

FROM base
RUN useradd --system --uid 900 app
WORKDIR /app
COPY --from=build /app/venv venv
COPY --chown=app app.py .
USER app
ENV PORT=18080 PATH=/app/venv/bin:$PATH
HEALTHCHECK --interval=30s CMD ["python3", "-c", "import app"]
CMD ["python3", "app.py"]
DOCKERFILE
echo "flask" >"$work/python/requirements.txt"
cat >"$work/python/app.py" <<'PYTHON'
import os

import flask

app = flask.Flask(__name__)


@app.route("/")
def page():
    return f"a page from flask for uid {os.getuid()}\n"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
PYTHON
touch "$work/pip.conf"
if [ -e /etc/pip.conf ]; then cp /etc/pip.conf "$work/pip.conf"; fi
service python 18082 "a page from flask for uid 900" --secret "id=pip,src=$work/pip.conf" \
	--secret "id=certificates,src=/etc/ssl/certs/ca-certificates.crt"

# Node

mkdir -p "$work/node"
cat >"$work/node/Dockerfile" <<'DOCKERFILE'
FROM debian
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends nodejs
WORKDIR /srv
COPY package.json server.js ./
ENV PORT=18080 NODE_ENV=production
USER nobody
CMD ["node", "server.js"]
DOCKERFILE
echo '{"name": "page", "version": "1.0.0", "private": true}' >"$work/node/package.json"
cat >"$work/node/server.js" <<'NODE'
const { version } = require("./package.json");
require("http")
  .createServer((request, response) => response.end(`a page from node, version ${version}\n`))
  .listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
NODE
service node 18083 "a page from node, version 1.0.0"

# Swift in two stages: the toolchain is the machine's, mounted for one step; the image has one static file.

mkdir -p "$work/swift"
cat >"$work/swift/Dockerfile" <<'DOCKERFILE'
FROM debian AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends libc6-dev libgcc-12-dev libstdc++-12-dev binutils \
    libxml2 libcurl4 libedit2 libncurses6 libsqlite3-0 libpython3.11
COPY server.swift /src/
RUN --mount=type=bind,from=toolchain,target=/toolchain \
    /toolchain/bin/swiftc -O -static-executable /src/server.swift -o /server && strip /server

FROM scratch
COPY --from=build /server /server
ENV PORT=18080
ENTRYPOINT ["/server"]
DOCKERFILE
cat >"$work/swift/server.swift" <<'SWIFT'
import Glibc

let port = getenv("PORT").flatMap { UInt16(String(cString: $0)) } ?? 18080
let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
var yes: Int32 = 1
setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
let size = socklen_t(MemoryLayout<sockaddr_in>.size)
let bound = withUnsafePointer(to: &address) {
  $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
}
guard bound == 0, listen(listener, 8) == 0 else { exit(1) }
signal(SIGTERM) { _ in exit(0) }
let page = "a page from swift, process \(getpid())\n"
let answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"
while true {
  let client = accept(listener, nil, nil)
  guard client >= 0 else { continue }
  var request = [UInt8](repeating: 0, count: 4096)
  _ = read(client, &request, request.count)
  _ = answer.withCString { write(client, $0, answer.utf8.count) }
  close(client)
}
SWIFT
toolchain=$(dirname "$(dirname "$(realpath "$(command -v swiftc)")")")
rm -rf "$work/toolchain"
mkdir -p "$work/toolchain/bin" "$work/toolchain/lib"
for program in swiftc swift swift-frontend swift-driver swift-autolink-extract clang clang++ "$(basename "$(realpath "$toolchain/bin/clang")")"; do
	cp -a "$toolchain/bin/$program" "$work/toolchain/bin/"
done
for part in swift swift_static clang; do cp -a "$toolchain/lib/$part" "$work/toolchain/lib/"; done
service swift 18084 "a page from swift, process 1" --build-context "toolchain=$work/toolchain"

[ $failures -eq 0 ] || { echo "$failures failed"; exit 1; }
echo "all services answered"
