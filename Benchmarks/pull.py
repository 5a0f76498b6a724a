#!/usr/bin/env python3
"""Times the pull of a large image from a registry on this machine, by slipway and by skopeo in turn."""

import argparse
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time


def blob(layout, content):
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs" / "sha256" / digest).write_bytes(content)
    return {"digest": "sha256:" + digest, "size": len(content)}


def image(layout, layers, megabytes):
    """Writes a layout whose layers are random bytes: nobody can make them smaller."""
    (layout / "blobs" / "sha256").mkdir(parents=True)
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    kind = "application/vnd.oci.image."
    found, contents = [], []
    for _ in range(layers):
        content = os.urandom(megabytes * 10**6)
        contents.append("sha256:" + hashlib.sha256(content).hexdigest())
        found.append({"mediaType": kind + "layer.v1.tar+gzip", **blob(layout, gzip.compress(content, 0, mtime=0))})
    config = {
        "architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": contents},
    }
    config = {"mediaType": kind + "config.v1+json", **blob(layout, json.dumps(config).encode())}
    manifest = {"schemaVersion": 2, "mediaType": kind + "manifest.v1+json", "config": config, "layers": found}
    manifest = {"mediaType": kind + "manifest.v1+json", **blob(layout, json.dumps(manifest).encode())}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))


def registry(folder):
    """Starts docker-registry on a port that the system chooses."""
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: info, formatter: json}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n"
    )
    log = folder / "log"
    process = subprocess.Popen(
        ["docker-registry", "serve", folder / "config.yml"], stdout=log.open("wb"), stderr=subprocess.STDOUT
    )
    for _ in range(500):
        found = re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text())
        if found:
            return process, found.group(1)
        time.sleep(0.02)
    process.kill()
    raise SystemExit(log.read_text())


def measure(command, environment, log):
    """Seconds, seconds of processor time, and the largest memory in MB.

    By GNU time: a process that is started from here would have the memory of this one before it has its own.
    """
    timed = ["/usr/bin/time", "-o", log, "-f", "%e %U %S %M"] + command
    done = subprocess.run(timed, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    if done.returncode != 0:
        raise SystemExit(f"{command} ended with status {done.returncode}")
    seconds, user, system, kilobytes = map(float, log.read_text().split())
    return seconds, user + system, kilobytes * 1024 / 10**6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slipway", default="slipway")
    parser.add_argument("--skopeo", default="skopeo")
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=200, help="of each layer")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        image(folder / "layout", arguments.layers, arguments.megabytes)
        process, authority = registry(folder)
        try:
            place = f"docker://{authority}/large:1"
            subprocess.run(
                [arguments.skopeo, "copy", "-q", "--dest-tls-verify=false", f"oci:{folder}/layout", place], check=True
            )
            shutil.rmtree(folder / "layout")
            copy = [arguments.skopeo, "copy", "-q", "--src-tls-verify=false", place]
            commands = {
                "slipway pull": [arguments.slipway, "pull", "-q", f"{authority}/large:1"],
                "skopeo copy to oci:": copy + [f"oci:{folder}/to:1"],
                "skopeo copy to dir:": copy + [f"dir:{folder}/to"],
            }
            times = {name: [] for name in commands}
            for _ in range(arguments.runs):
                for name, command in commands.items():
                    os.sync()
                    times[name].append(measure(command, {"SLIPWAY_ROOT": f"{folder}/to"}, folder / "time"))
                    shutil.rmtree(folder / "to")
        finally:
            process.kill()
            process.wait()
        for name, found in times.items():
            seconds, processor, memory = zip(*found)
            print(
                f"{name}: {', '.join(f'{value:.2f}' for value in seconds)} s, median {statistics.median(seconds):.2f} s;"
                f" processor {statistics.median(processor):.2f} s; memory at most {max(memory):.0f} MB"
            )


main()
