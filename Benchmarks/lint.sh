#!/bin/sh
# Times `slipway lint` beside hadolint in one run: lint.sh SLIPWAY [HADOLINT [FOLDER]]
#
# (1) one small file, start to end, (2) 500 RUN lines in one file, (3) up to 1,000 files in one call.
# FOLDER holds the Dockerfiles for (3); without one, 1,000 are made up, always the same ones.
set -eu
slipway=${1:?usage: lint.sh SLIPWAY [HADOLINT [FOLDER]]}
hadolint=${2:-hadolint}
folder=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$folder" ]; then
    folder=$work/generated
    python3 "$here/dockerfiles.py" "$folder" 1000
fi
command -v "$hadolint" >/dev/null || {
    echo "there is no $hadolint: only slipway is measured" >&2
    hadolint=
}
exec python3 - "$slipway" "$hadolint" "$folder" "$work" <<'PYTHON'
import os, statistics, subprocess, sys, time

slipway, hadolint, folder, work = sys.argv[1:]


def run(command):
    """Wall clock, processor time (both in ms) and largest memory (MB) of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - start) * 1000
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) > 1:
        sys.exit(f"{command[0]} ended with status {status}")
    return wall, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss * 1024 / 1e6


def compare(name, files, runs, rounds):
    """Runs both in turn, so that an hour in which the machine is slow is slow for both, and prints the medians."""
    own_command = [slipway, "lint", "--no-config", "-f", "json", *files]
    # Without a configuration, as slipway.
    peer_command = [hadolint, "--no-color", "-c", empty, "-f", "json", *files]
    own, peer = [], []
    for _ in range(rounds):
        own += [run(own_command) for _ in range(runs)]
        if hadolint:
            peer.append(run(peer_command))
    own += [run(own_command) for _ in range(runs)]
    wall, processor, memory = (statistics.median(column) for column in zip(*own))
    print(f"{name}: slipway {wall:.2f} ms (processor {processor:.2f} ms, {memory:.0f} MB, median of {len(own)})", end="")
    if len(files) > 1:
        print(f", {processor / len(files):.3f} ms of processor a file", end="")
    print()
    if peer:
        peer_wall, peer_processor, peer_memory = (statistics.median(column) for column in zip(*peer))
        print(
            f"{name}: hadolint {peer_wall:.0f} ms (processor {peer_processor:.0f} ms, {peer_memory:.0f} MB, median of {len(peer)}); "
            f"slipway is {peer_wall / wall:.0f} times as fast, {peer_processor / processor:.0f} times by processor time"
        )
    sys.stdout.flush()


def write(name, text):
    path = os.path.join(work, name)
    with open(path, "w") as file:
        file.write(text)
    return path


empty = write("hadolint.yaml", "{}\n")
small = write(
    "small.Dockerfile",
    'FROM debian:12\nRUN apt-get update \\\n && apt-get install -y curl\nCOPY . /app\nCMD ["/app/run"]\n',
)
runs = write(
    "runs.Dockerfile",
    "FROM debian:12\n"
    + "".join(
        f"RUN apt-get update && apt-get install -y package-{n} && curl -fsSL https://example.com/{n}.tgz | tar -xz -C /opt\n"
        for n in range(500)
    ),
)
files = sorted(
    entry.path for entry in os.scandir(folder) if entry.is_file() and not entry.name.startswith(".")
)[:1000]
size = sum(os.path.getsize(file) for file in files)
compare("one small file", [small], 2, 20)
compare("500 RUN lines", [runs], 10, 2)
compare(f"{len(files)} files, {size / 1e6:.1f} MB", files, 10, 3)
PYTHON
