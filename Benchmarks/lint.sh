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


def measure(command, runs):
    """The medians of several runs."""
    return [statistics.median(column) for column in zip(*(run(command) for _ in range(runs)))]


def compare(name, files, runs, peer_runs):
    own = measure([slipway, "lint", "--no-config", "-f", "json", *files], runs)
    print(f"{name}: slipway {own[0]:.2f} ms (processor {own[1]:.2f} ms, {own[2]:.0f} MB, median of {runs})", end="")
    if len(files) > 1:
        print(f", {own[1] / len(files):.3f} ms of processor a file", end="")
    print()
    if hadolint:
        # Without a configuration, as slipway.
        peer = measure([hadolint, "--no-color", "-c", empty, "-f", "json", *files], peer_runs)
        print(
            f"{name}: hadolint {peer[0]:.0f} ms (processor {peer[1]:.0f} ms, {peer[2]:.0f} MB, median of {peer_runs}); "
            f"slipway is {peer[0] / own[0]:.0f} times as fast, {peer[1] / own[1]:.0f} times by processor time"
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
compare("one small file", [small], 30, 30)
compare("500 RUN lines", [runs], 30, 1)
compare(f"{len(files)} files, {size / 1e6:.1f} MB", files, 10, 1)
PYTHON
