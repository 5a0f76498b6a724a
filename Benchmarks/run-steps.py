#!/usr/bin/env python3
"""Measures what a RUN costs that changes nothing: by overlay, and by comparison."""

import argparse
import datetime
import json
import pathlib
import re
import statistics
import subprocess
import tempfile


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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slipway", default="slipway")
    parser.add_argument("--root", help="the folder of the store")
    parser.add_argument("--base", required=True, help="an image of the store, with a shell")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"FROM {arguments.base}"] + [f"RUN true {number}" for number in range(20)]
        (pathlib.Path(folder) / "Dockerfile").write_text("\n".join(lines) + "\n")
        for snapshotter in ["overlay", "diff"]:
            found = [1000 * time for time in steps(arguments, snapshotter, folder)]
            print(
                f"{snapshotter}: median {statistics.median(found):.1f} ms,"
                f" {min(found):.1f} to {max(found):.1f}"
            )


main()
