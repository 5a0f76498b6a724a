#!/usr/bin/env python3
"""Builds the same Dockerfiles with BuildKit and with Slipway, and compares configuration, history and every file.

    Tests/Differential/buildkit.py CASES... --base NAME=IMAGE... [--slipway PATH] [--buildkit ADDRESS | --docker ADDRESS]
                                   [--recorded FILE] [--only TEXT] [--jobs N] [--tsv FILE] [--verbose]

CASES is a folder of cases. Each is a folder with a Dockerfile, or one with a case.json:

    context      the context's folder, from the case's (`context`, or the case's folder when there is none), or its URL
    dockerfile   the Dockerfile, from the context (`Dockerfile`)
    buildArgs    {name: value}, null takes nothing
    target       a stage
    platform     os/architecture
    labels       {name: value}: --label
    contexts     {name: folder}: named contexts
    images       {name: OCI layout}: bases of this case alone
    network      `host`, `none`: for every RUN (BuildKit takes what its daemon is set to)
    skip         why the case cannot be built here (a text, or a list of them)

NAME=IMAGE is what `FROM NAME` and `--from=NAME` mean: an OCI layout, a folder. --buildkit is the address of a running buildkitd, which
is spoken to by `buildctl`; --docker that of a running dockerd, whose own BuildKit is used by `docker build` (`docker load` the bases
into it first). Their build caches are emptied: they would bring back the times of earlier builds. A daemon keeps some checkouts of git
until it is started anew, however. With neither, what is in --recorded is compared with; otherwise what BuildKit makes is written there.

A case is equal when both builds fail, or when both succeed with the same image and nothing is wrong with Slipway's own; lines that
vary from build to build with either (`varies` in buildkit-differences.toml) are left out. It is explained when
buildkit-differences.toml knows each difference. Exit status: 0 when each case is equal or explained, else 1.
"""
import argparse
import concurrent.futures
import fnmatch
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import tomllib

import images

HERE = os.path.dirname(os.path.abspath(__file__))


class Case:
    def __init__(self, name, folder, settings):
        self.name = name
        self.folder = folder
        default = "context" if os.path.isdir(os.path.join(folder, "context")) else "."
        self.context = settings.get("context") or default
        self.is_remote = "://" in self.context
        self.is_named = bool(settings.get("dockerfile"))
        self.dockerfile = settings.get("dockerfile") or "Dockerfile"
        if not self.is_remote:
            self.context = os.path.normpath(os.path.join(folder, self.context))
            self.dockerfile = os.path.join(self.context, self.dockerfile)
        self.arguments = {
            key: value for key, value in (settings.get("buildArgs") or {}).items() if value is not None}
        self.target = settings.get("target")
        self.platform = settings.get("platform")
        self.labels = settings.get("labels") or {}
        self.contexts = {
            key: os.path.normpath(os.path.join(folder, value)) for key, value in (settings.get("contexts") or {}).items()}
        self.images = {
            key: os.path.normpath(os.path.join(folder, value)) for key, value in (settings.get("images") or {}).items()}
        self.network = settings.get("network")
        reasons = settings.get("skip") or []
        self.skip = reasons if isinstance(reasons, str) else ", ".join(reasons)


def cases_in(folder):
    """The cases below a folder, by name."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        if "case.json" in names:
            folders.clear()
            with open(os.path.join(root, "case.json"), encoding="utf-8") as file:
                yield Case(os.path.relpath(root, folder), root, json.load(file))
        elif "Dockerfile" in names:
            folders.clear()
            yield Case(os.path.relpath(root, folder), root, {})


class Outcome:
    """What a builder made of a case."""

    def __init__(self, status, image=None, error="", started=0):
        self.status = status
        self.image = image
        self.error = error
        self.started = started

    def as_json(self):
        return {"status": self.status, "image": self.image, "error": self.error, "started": self.started}


class Builder:
    """Runs a command line for a case and reads the image that it writes."""

    timeout = 300

    def build(self, case):
        # The clock of files lags behind by up to a tick.
        started = int(time.time() - 1)
        with tempfile.TemporaryDirectory(prefix="differential-") as folder:
            output = os.path.join(folder, "image.tar")
            try:
                result = self.run(self.command(case, output))
                if result.returncode == 0:
                    self.fetch(output)
            except subprocess.TimeoutExpired:
                return Outcome(-1, error="takes too long", started=started)
            error = result.stderr.decode("utf-8", "replace")[-2000:]
            if result.returncode != 0:
                return Outcome(result.returncode, error=error, started=started)
            image = images.Image(output).described()
            return Outcome(0, image, started=started)

    def run(self, command):
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=self.timeout,
            env=self.environment(), check=False)

    def environment(self):
        return os.environ

    def fetch(self, output):
        pass


class Slipway(Builder):
    def __init__(self, program, bases, folder):
        self.program = os.path.abspath(program)
        self.variables = dict(os.environ, SLIPWAY_ROOT=os.path.join(folder, "store"))
        for name, layout in bases.items():
            self.load(name, layout)

    def load(self, name, layout):
        command = [self.program, "load", "-i", layout, "-t", name]
        subprocess.run(command, check=True, env=self.variables, stdout=subprocess.DEVNULL)

    def build(self, case):
        for name, layout in case.images.items():
            self.load(name, layout)
        return super().build(case)

    def environment(self):
        return self.variables

    def command(self, case, output):
        command = [self.program, "build", "--no-cache", "--progress", "quiet", "-o", f"type=oci,dest={output}"]
        if case.is_named:
            command += ["-f", case.dockerfile]
        for name, value in case.arguments.items():
            command += ["--build-arg", f"{name}={value}"]
        for name, path in case.contexts.items():
            command += ["--build-context", f"{name}={path}"]
        for name, value in case.labels.items():
            command += ["--label", f"{name}={value}"]
        if case.target:
            command += ["--target", case.target]
        if case.platform:
            command += ["--platform", case.platform]
        if case.network:
            command += ["--network", case.network]
        return command + [case.context]


class BuildKit(Builder):
    """A buildkitd, by buildctl."""

    def __init__(self, address, bases):
        self.address = address
        self.lock = threading.Lock()
        self.since = int(time.time() - 1)
        self.bases = {name: self.image(layout) for name, layout in bases.items()}

    @staticmethod
    def image(layout):
        """An OCI layout and the digest of what is in it."""
        with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
            return layout, json.load(file)["manifests"][0]["digest"]

    def build(self, case):
        # Equal steps of two builds at a time would be one step, with the files' times of one of them.
        with self.lock:
            outcome = super().build(case)
        # Checkouts and here-documents, which --no-cache does not reach, may be those of an earlier case.
        outcome.started = self.since
        return outcome

    def control(self, *arguments):
        return ["buildctl", "--addr", self.address, *arguments]

    def command(self, case, output):
        command = self.control(
            "build", "--no-cache", "--progress", "plain", "--frontend", "dockerfile.v0",
            # What Slipway does with every output; without SOURCE_DATE_EPOCH it changes nothing.
            "--output", f"type=oci,dest={output},rewrite-timestamp=true")
        if case.is_remote:
            command += ["--opt", f"context={case.context}", "--opt", f"filename={case.dockerfile}"]
        else:
            folder, name = os.path.split(case.dockerfile)
            command += ["--local", f"context={case.context}", "--local", f"dockerfile={folder}", "--opt", f"filename={name}"]
        bases = self.bases | {name: self.image(layout) for name, layout in case.images.items()}
        for index, (name, (layout, digest)) in enumerate(bases.items()):
            command += [
                "--oci-layout", f"base{index}={layout}",
                "--opt", f"context:{name.removesuffix(':latest')}=oci-layout://base{index}@{digest}"]
        for index, (name, path) in enumerate(case.contexts.items()):
            command += ["--local", f"named{index}={path}", "--opt", f"context:{name}=local:named{index}"]
        for name, value in case.arguments.items():
            command += ["--opt", f"build-arg:{name}={value}"]
        for name, value in case.labels.items():
            command += ["--opt", f"label:{name}={value}"]
        if case.target:
            command += ["--opt", f"target={case.target}"]
        if case.platform:
            command += ["--opt", f"platform={case.platform}"]
        return command

    def forget(self):
        self.run(self.control("prune", "--all"))

    def fetch(self, output):
        # A file of the same name, size and time in the next case's context would be taken for this one's.
        self.run(self.control("prune", "--filter", "type==source.local"))


class Docker(Builder):
    """The BuildKit inside a dockerd."""

    name = "slipway-differential"

    def __init__(self, address):
        self.address = address
        self.lock = threading.Lock()

    def environment(self):
        return dict(os.environ, DOCKER_BUILDKIT="1", DOCKER_HOST=self.address)

    def build(self, case):
        # The image has one name.
        with self.lock:
            return super().build(case)

    def command(self, case, output):
        command = ["docker", "build", "--no-cache", "--progress", "plain", "--network", case.network or "host", "-t", self.name]
        for name, value in case.arguments.items():
            command += ["--build-arg", f"{name}={value}"]
        for name, value in case.labels.items():
            command += ["--label", f"{name}={value}"]
        if case.target:
            command += ["--target", case.target]
        if case.platform:
            command += ["--platform", case.platform]
        return command + ["-f", case.dockerfile, case.context]

    def forget(self):
        self.run(["docker", "builder", "prune", "-af"])

    def fetch(self, output):
        self.run(["docker", "save", "-o", output, self.name])
        self.run(["docker", "builder", "prune", "-f", "--filter", "type=source.local"])


class Differences:
    """The differences that are known, from buildkit-differences.toml."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.entries = tomllib.load(file).get("difference", [])
        for entry in self.entries:
            entry["pattern"] = re.compile(entry["matches"])
        self.used = {}

    def entry(self, case, line):
        """What is known of a line that differs; None for nothing."""
        for entry in self.entries:
            cases = entry.get("cases", ["*"])
            if any(fnmatch.fnmatch(case.name, name) for name in cases) and entry["pattern"].search(line):
                self.used[entry["reason"]] = self.used.get(entry["reason"], set()) | {case.name}
                return entry
        return None


def judge(case, reference, ours, known):
    """The verdict and the lines that explain it."""
    if ours.status < 0 or ours.status > 125:
        lines = [f"slipway ends with {ours.status}: {ours.error[-300:]}"]
    elif (reference.status == 0) != (ours.status == 0):
        ended = "succeeds" if reference.status == 0 else "fails"
        error = ours.error if ours.status else reference.error
        lines = [f"outcome: BuildKit {ended}, Slipway does not: " + " | ".join(error.strip().splitlines()[-4:])]
    elif ours.status != 0:
        return "fails", [
            f"{name}: {line}" for name, error in (("BuildKit", said(reference.error)), ("Slipway", ours.error))
            for line in error.strip().splitlines()]
    else:
        lines = images.differences(reference.image, ours.image, (reference.started, ours.started))
        lines += ["fault: " + fault for fault in ours.image["faults"]]
    entries = [known.entry(case, line) for line in lines]
    left = [line for line, entry in zip(lines, entries) if entry is None]
    if left:
        return "DIFFERS", left
    return ("equal" if all(entry.get("varies") for entry in entries) else "explained"), lines


def said(log):
    """What buildctl says at the end of its log."""
    lines = [line for line in log.splitlines() if line.startswith("error: ")]
    return lines[-1] if lines else log


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--base", action="append", default=[])
    parser.add_argument("--slipway", default=os.path.join(HERE, "../../.build/release/slipway"))
    parser.add_argument("--buildkit")
    parser.add_argument("--docker")
    parser.add_argument("--recorded")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--tsv")
    parser.add_argument("--verbose", action="store_true", help="print each case, with what is explained, and both errors")
    options = parser.parse_args()

    bases = dict(text.split("=", 1) for text in options.base)
    known = Differences(os.path.join(HERE, "buildkit-differences.toml"))
    cases = [
        case for folder in options.cases for case in cases_in(folder)
        if re.search(options.only, case.name)]
    recorded = {}
    if options.recorded and os.path.exists(options.recorded):
        with gzip.open(options.recorded, "rt") as file:
            recorded = json.load(file)
    reference = Docker(options.docker) if options.docker else None
    if options.buildkit:
        reference = BuildKit(options.buildkit, bases)
    if reference is not None:
        reference.forget()

    def compare(case):
        if case.skip:
            return "skipped", [case.skip]
        if reference is None and case.name not in recorded:
            return "skipped", ["not recorded"]
        if reference is not None:
            recorded[case.name] = reference.build(case).as_json()
        expected = Outcome(**recorded[case.name])
        try:
            ours = slipway.build(case)
        except (images.BadImage, OSError, KeyError, ValueError) as error:
            return "DIFFERS", [f"slipway's image cannot be read: {error!r}"]
        return judge(case, expected, ours, known)

    counts = {}
    rows = []
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        slipway = Slipway(options.slipway, bases, folder)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for case, (verdict, lines) in zip(cases, pool.map(compare, cases)):
                counts[verdict] = counts.get(verdict, 0) + 1
                rows.append((case.name, verdict, "; ".join(lines) if verdict in ("DIFFERS", "skipped") else ""))
                if verdict in ("DIFFERS", "skipped") or options.verbose:
                    print(f"{verdict:9} {case.name}")
                    for line in lines[:12]:
                        print(f"          {line}")
                    if len(lines) > 12:
                        print(f"          and {len(lines) - 12} more")
    if reference is not None and options.recorded:
        with gzip.open(options.recorded, "wt") as file:
            json.dump(recorded, file)
    if options.tsv:
        with open(options.tsv, "w", encoding="utf-8") as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
    for reason, names in sorted(known.used.items()):
        print(f"known: {reason} ({len(names)})")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    judged = sum(count for verdict, count in counts.items() if verdict != "skipped")
    if judged:
        equal = counts.get("equal", 0) + counts.get("fails", 0)
        print(f"{equal} of {judged} ({100 * equal / judged:.1f} %) are equal, {counts.get('explained', 0)} explained")
    return 1 if counts.get("DIFFERS") or not judged else 0


if __name__ == "__main__":
    sys.exit(main())
