#!/bin/sh
# Times `slipway ast` on a small file from start to end, beside /bin/true: start-up.sh SLIPWAY [RUNS]
set -eu
slipway=${1:?usage: start-up.sh SLIPWAY [RUNS]}
runs=${2:-200}
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf 'FROM debian:12\nRUN apt-get update \\\n && apt-get install -y curl\nCOPY . /app\nCMD ["/app/run"]\n' >"$file"
exec python3 - "$slipway" "$file" "$runs" <<'PYTHON'
import os, resource, statistics, subprocess, sys, time

slipway, file, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])


def measure(name, command):
    times, processor = [], []
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        times.append((time.perf_counter() - start) * 1000)
        processor.append((usage.ru_utime + usage.ru_stime) * 1000)
        if status != 0:
            sys.exit(f"{name} ended with status {status}")
    print(
        f"{name}: fastest {min(times):.2f} ms, median {statistics.median(times):.2f} ms, "
        f"processor median {statistics.median(processor):.2f} ms, {runs} runs"
    )


measure("/bin/true", ["/bin/true"])
measure("slipway ast", [slipway, "ast", file])
measure("slipway ast --format json", [slipway, "ast", "--format", "json", file])
PYTHON
