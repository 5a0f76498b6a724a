#!/usr/bin/env python3
"""Compares the verdicts of `slipway lint --hadolint-strict` and of hadolint over a folder of Dockerfiles.

    Tests/Differential/hadolint.py FOLDER [--slipway PATH] [--hadolint PATH] [--minimum PERCENT]

Both look at every file below FOLDER with their default configuration. What is compared is, for each file, the set of (line, id)
of the findings whose id starts with DL (or with what --ids says). Printed are the rules and the files that differ, and the
agreement: findings of both among the findings of either. Exit status: 0 when it is at least --minimum (99 unless told), else 1.

hadolint gets one file at a time, so that an exception loses one file; those files are counted and left out. With --recorded FILE
what hadolint says is kept in FILE, one JSON object a line, and taken from there the next time.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile


def files_below(folder):
    found = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.join(root, name) for name in names]
    return sorted(path for path in found if os.path.isfile(path))


def environment(home=None):
    """Without what would configure either program."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("HADOLINT_")}
    if home:
        variables.update(HOME=home, XDG_CONFIG_HOME=home)
    return variables


def run_hadolint(program, path, empty):
    """What hadolint finds in a file; None when it ends without a result. It takes configurations from the working folder and the home."""
    result = subprocess.run(
        [program, "--no-color", "-f", "json", os.path.abspath(path)],
        capture_output=True, cwd=empty, env=environment(empty))
    try:
        return [[finding["line"], finding["code"]] for finding in json.loads(result.stdout)]
    except ValueError:
        return None


def hadolint_findings(program, paths, folder, recorded):
    known = {}
    if recorded and os.path.exists(recorded):
        with open(recorded, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                known[entry["file"]] = entry["findings"]
    names = [os.path.relpath(path, folder) for path in paths]
    missing = [(name, path) for name, path in zip(names, paths) if name not in known]
    with tempfile.TemporaryDirectory() as empty, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda entry: run_hadolint(program, entry[1], empty), missing)
        for (name, _), findings in zip(missing, results):
            known[name] = findings
    if recorded and missing:
        with open(recorded, "w", encoding="utf-8") as lines:
            for name in names:
                lines.write(json.dumps({"file": name, "findings": known[name]}) + "\n")
    return {
        name: None if known[name] is None else {place(finding) for finding in known[name]} for name in names}


def place(finding):
    """(line, id) of a finding as recorded here, or as hadolint itself writes it."""
    return (finding["line"], finding["code"]) if isinstance(finding, dict) else tuple(finding)


def slipway_findings(program, paths, folder):
    findings = {os.path.relpath(path, folder): set() for path in paths}
    for start in range(0, len(paths), 500):
        command = [program, "lint", "--hadolint-strict", "--no-config", "-t", "none", "-f", "json", "--"]
        result = subprocess.run(command + paths[start:start + 500], capture_output=True, env=environment())
        if result.returncode not in (0, 1):
            sys.exit(f"{program} ended with {result.returncode}: {result.stderr.decode(errors='replace')[-2000:]}")
        for finding in json.loads(result.stdout):
            findings[os.path.relpath(finding["file"], folder)].add((finding["line"], finding["code"]))
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--slipway", default="slipway", help="the slipway to compare")
    parser.add_argument("--hadolint", default="hadolint", help="the hadolint to compare with")
    parser.add_argument("--minimum", type=float, default=99, help="the agreement in percent that is enough")
    parser.add_argument("--ids", default="DL", help="the start of the ids that are compared; several with commas")
    parser.add_argument("--recorded", help="a file in which hadolint's findings are kept")
    options = parser.parse_args()
    prefixes = tuple(options.ids.split(","))

    paths = files_below(options.folder)
    if not paths:
        sys.exit(f"{options.folder}: no files")
    theirs = hadolint_findings(options.hadolint, paths, options.folder, options.recorded)
    ours = slipway_findings(options.slipway, paths, options.folder)

    kinds = ("equal", "missing", "extra")
    rules = collections.defaultdict(collections.Counter)
    different = []
    for name in sorted(ours):
        if theirs[name] is None:
            continue
        want = {finding for finding in theirs[name] if finding[1].startswith(prefixes)}
        have = {finding for finding in ours[name] if finding[1].startswith(prefixes)}
        for kind, findings in zip(kinds, (want & have, want - have, have - want)):
            for _, code in findings:
                rules[code][kind] += 1
        if want != have:
            different.append((name, sorted(want - have), sorted(have - want)))

    print(f"{'rule':<10}{'equal':>8}{'missing':>9}{'extra':>7}")
    for code in sorted(rules):
        print(f"{code:<10}{rules[code]['equal']:>8}{rules[code]['missing']:>9}{rules[code]['extra']:>7}")
    for name, missing, extra in different:
        for title, findings in (("missing", missing), ("extra", extra)):
            for line, code in findings:
                print(f"{name}:{line}: {title} {code}")
    total = collections.Counter()
    for counter in rules.values():
        total.update(counter)
    union = sum(total.values())
    agreement = 100 * total["equal"] / union if union else 100.0
    lost = sum(findings is None for findings in theirs.values())
    print(
        f"{len(paths)} files, {len(different)} different, {lost} without a result of hadolint; "
        f"{total['equal']} equal, {total['missing']} missing, {total['extra']} extra: {agreement:.3f} %")
    return 0 if agreement >= options.minimum else 1


if __name__ == "__main__":
    sys.exit(main())
