#!/usr/bin/env python3
"""Measures what a RUN costs that changes nothing: by overlay, and by comparison.

Without --base the image is busybox alone, FROM scratch."""

import argparse
import datetime
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time


def seconds(text):
    moment, fraction = re.match(r"([^.Z+]*)(\.\d+)?", text).groups()
    return datetime.datetime.fromisoformat(moment).timestamp() + float(fraction or 0)


def steps(arguments, snapshotter, folder):
    command = [arguments.slipway, "build", "--no-cache", "--progress", "rawjson", "--snapshotter", snapshotter]
    if arguments.root:
        command += ["--root", arguments.root]
    done = subprocess.run(command + [folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    times = {}
    for line in (done.stdout + done.stderr).splitlines():
        if not line.startswith("{"):
            continue
        for vertex in json.loads(line).get("vertexes", []):
            if "RUN true" in vertex["name"] and vertex.get("completed"):
                times[vertex["name"]] = seconds(vertex["completed"]) - seconds(vertex["started"])
    return list(times.values())[1:]


def time_of(command):
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return 1000 * (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slipway", default="slipway")
    parser.add_argument("--root", help="the folder of the store")
    parser.add_argument("--base", help="an image of the store, with a shell")
    parser.add_argument("--steps", type=int, default=20, help="how many RUNs are timed (20)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"FROM {arguments.base}"]
        if not arguments.base:
            shutil.copy("/bin/busybox", folder)
            lines = [
                "FROM scratch",
                "COPY busybox /bin/busybox",
                'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
            ]
        # The first one unpacks, and is not counted.
        lines += [f"RUN true {number}" for number in range(arguments.steps + 1)]
        (pathlib.Path(folder) / "Dockerfile").write_text("\n".join(lines) + "\n")
        command = [time_of(["/bin/true"]) for _ in range(100)]
        print(f"/bin/true: median {statistics.median(command):.1f} ms, {min(command):.1f} to {max(command):.1f}")
        for snapshotter in ["overlay", "diff"]:
            found = [1000 * step for step in steps(arguments, snapshotter, folder)]
            print(
                f"{snapshotter}: median {statistics.median(found):.1f} ms,"
                f" {min(found):.1f} to {max(found):.1f}"
            )


main()
