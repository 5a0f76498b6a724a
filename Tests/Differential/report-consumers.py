#!/usr/bin/env python3
"""Reads a report of `slipway lint` as its consumers do, and says whether it holds the findings that it should.

    Tests/Differential/report-consumers.py FORMAT REPORT [--json REPORT] [--hadolint REPORT]

REPORT is parsed strictly for FORMAT; what a consumer needs has to be there, with the right types. With --json the findings
have to be those of a report in the format `json`. With --hadolint they have to be those of hadolint's report in the same format,
and nothing that hadolint's has (a key, an attribute) may be missing. Packages from PyPI that read a format (junitparser,
sarif-pydantic) are used where they are installed; SARIF_SCHEMA names the schema of SARIF for check-jsonschema.
Exit status: 0 when all of that holds, else 1 with a sentence.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

LEVELS = ("error", "warning", "info", "style")


class Violation(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Violation(what)


def fields(item, where, **types):
    """Takes members of an object that have to be there."""
    require(isinstance(item, dict), f"{where} is no object: {item!r}")
    values = []
    for name, kind in types.items():
        require(name in item, f"{where} has no {name}: {item!r}")
        value = item[name]
        right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        require(right, f"{where}: {name} is no {kind.__name__}: {value!r}")
        values.append(value)
    return values


def place(line, column=1):
    require(line >= 1 and column >= 1, f"no place in a file: {line}:{column}")
    return line


# Each reader gives (findings, shape): findings as (file, line, id, level), shape as what the report is made of.


def read_json(data):
    report = json.loads(data)
    require(isinstance(report, list), "the report is no array")
    findings = []
    for item in report:
        code, column, file, level, line, message = fields(
            item, "a finding", code=str, column=int, file=str, level=str, line=int, message=str)
        require(level in LEVELS and message, f"{item!r}")
        if "endLine" in item:
            end = (item["endLine"], item["endColumn"])
            require(end >= (line, column), f"ends before it starts: {item!r}")
        findings.append((file, place(line, column), code, level))
    return findings, shape(report)


def code_climate_issue(item):
    severities = {"blocker": "error", "major": "warning", "info": "info", "minor": "style"}
    kind, categories, name, description, location, severity = fields(
        item, "an issue", type=str, categories=list, check_name=str, description=str, location=dict, severity=str)
    require(kind == "issue" and categories == ["Bug Risk"] and description, f"{item!r}")
    (path,) = fields(location, "a location", path=str)
    if "lines" in location:
        begin, end = fields(location["lines"], "lines", begin=int, end=int)
    else:
        # hadolint's way to say where the grammar is broken.
        begin, end = (
            fields(location["positions"][name], "a position", line=int, column=int)[0] for name in ("begin", "end"))
    require(end >= begin, f"{item!r}")
    return (path, place(begin), name, severities[severity])


def read_codeclimate(data):
    require(not data or data.endswith(b"\0"), "an issue has no NUL behind it")
    issues = [json.loads(part) for part in data.split(b"\0")[:-1]]
    return [code_climate_issue(item) for item in issues], shape(issues)


def read_gitlab_codeclimate(data):
    report = json.loads(data)
    prints = [fields(item, "an issue", fingerprint=str)[0] for item in report]
    require(all(re.fullmatch("[0-9a-f]{32,64}", text) for text in prints), f"a fingerprint is no digest: {prints}")
    return [code_climate_issue(item) for item in report], shape(report)


def read_codacy(data):
    decoder, text, items = json.JSONDecoder(), data.decode(), []
    while text := text.lstrip():
        item, end = decoder.raw_decode(text)
        items.append(item)
        text = text[end:]
    findings = []
    for item in items:
        file, line, message, code = fields(item, "an issue", filename=str, line=int, message=str, patternId=str)
        require(message, f"{item!r}")
        findings.append((file, place(line), code, None))
    return findings, shape(items)


def read_sonarqube(data):
    report = json.loads(data)
    levels = {"BLOCKER": "error", "CRITICAL": "error", "MAJOR": "warning", "MINOR": "info", "INFO": "style"}
    findings = []
    for item in fields(report, "the report", issues=list)[0]:
        _, rule, severity, kind, location = fields(
            item, "an issue", engineId=str, ruleId=str, severity=str, type=str, primaryLocation=dict)
        require(kind in ("BUG", "VULNERABILITY", "CODE_SMELL"), f"{item!r}")
        message, path, region = fields(location, "a location", message=str, filePath=str, textRange=dict)
        start, end = fields(region, "a range", startLine=int, endLine=int)
        if "startColumn" in region:
            first, last = fields(region, "a range", startColumn=int, endColumn=int)
            # hadolint gives an empty range to an error of the grammar.
            require((end, last) > (start, first) or severity == "BLOCKER", f"SonarQube refuses an empty range: {item!r}")
        findings.append((path, place(start), rule, levels[severity]))
    return findings, shape(report)


def read_rdjson(data):
    report = json.loads(data)
    source, diagnostics = fields(report, "the report", source=dict, diagnostics=list)
    fields(source, "the source", name=str)

    def position(item):
        return tuple(fields(item, "a position", line=int, column=int))

    findings = []
    for item in diagnostics:
        message, location, severity, code = fields(
            item, "a diagnostic", message=str, location=dict, severity=str, code=dict)
        path, region = fields(location, "a location", path=str, range=dict)
        require(message and severity in ("ERROR", "WARNING", "INFO"), f"{item!r}")
        start, end = position(region["start"]), position(region["end"])
        require(end >= start, f"{item!r}")
        for suggestion in item.get("suggestions", []):
            fields(suggestion, "a suggestion", range=dict, text=str)
            require(position(suggestion["range"]["end"]) >= position(suggestion["range"]["start"]), f"{suggestion!r}")
        findings.append((path, place(*start), fields(code, "a code", value=str)[0], severity.lower()))
    return findings, shape(report)


def read_checkstyle(data):
    root = ElementTree.fromstring(data)
    require(root.tag == "checkstyle" and root.get("version"), "the root is no checkstyle")
    findings = []
    for file in root:
        require(file.tag == "file" and file.get("name"), "an element is no file with a name")
        for error in file:
            require(error.tag == "error" and error.get("message"), "an element is no error with a message")
            level = error.get("severity")
            require(level in LEVELS, f"a severity {level}")
            line = place(int(error.get("line")), int(error.get("column")))
            findings.append((file.get("name"), line, error.get("source", "DL1000"), level))
    return findings, xml_shape(root)


def read_junit(data):
    root = ElementTree.fromstring(data)
    require(root.tag == "testsuites", "the root is no testsuites")
    findings = []
    for suite in root:
        cases = list(suite)
        require(suite.tag == "testsuite", "an element is no testsuite")
        require(suite.get("tests") in (None, str(len(cases))), "a suite counts other cases than it has")
        for case in cases:
            (failure,) = list(case)
            require(case.tag == "testcase" and failure.tag == "failure" and failure.get("message"), "no failed case")
            match = re.match(r"(?:File: |Parse Error in )(.+)\nLine: (\d+)\n", failure.text)
            require(match, f"no place in {failure.text!r}")
            findings.append((match[1], place(int(match[2])), failure.get("id", "DL1000"), failure.get("type")))
    try:
        import junitparser
    except ImportError:
        pass
    else:
        suites = junitparser.JUnitXml.fromstring(data)
        read = [result for suite in suites for case in suite for result in case.result]
        require(len(read) == len(findings), "junitparser reads another number of failures")
        require(all(isinstance(result, junitparser.Failure) for result in read), "junitparser reads other results")
    return findings, xml_shape(root)


def read_sarif(data):
    report = json.loads(data)
    version, runs = fields(report, "the report", version=str, runs=list)
    require(version == "2.1.0" and len(runs) == 1, "no single run of SARIF 2.1.0")
    tool, results = fields(runs[0], "the run", tool=dict, results=list)
    driver = fields(tool, "the tool", driver=dict)[0]
    fields(driver, "the driver", name=str)
    rules = driver.get("rules", [])
    findings = []
    for item in results:
        rule, level, message, locations = fields(item, "a result", ruleId=str, level=str, message=dict, locations=list)
        require(level in ("error", "warning", "note") and fields(message, "a message", text=str)[0], f"{item!r}")
        if "ruleIndex" in item:
            require(rules[item["ruleIndex"]]["id"] == rule, f"ruleIndex names another rule: {item!r}")
        physical = fields(locations[0], "a location", physicalLocation=dict)[0]
        artifact, region = fields(physical, "a location", artifactLocation=dict, region=dict)
        line, column = fields(region, "a region", startLine=int, startColumn=int)
        require((region["endLine"], region["endColumn"]) >= (line, column), f"{item!r}")
        findings.append((unquoted(artifact["uri"]), place(line, column), rule, level))
    require(len({rule["id"] for rule in rules}) == len(rules), "a rule stands twice")
    try:
        import sarif_pydantic
    except ImportError:
        pass
    else:
        read = sarif_pydantic.Sarif.model_validate_json(data)
        require(len(read.runs[0].results or []) == len(findings), "sarif-pydantic reads another number of results")
    schema, checker = os.environ.get("SARIF_SCHEMA"), shutil.which("check-jsonschema")
    if schema and checker:
        result = subprocess.run([checker, "--schemafile", schema, "-"], input=data, capture_output=True)
        require(result.returncode == 0, f"the schema refuses it: {result.stdout.decode()}")
    return findings, shape(report)


def unquoted(uri):
    import urllib.parse
    return urllib.parse.unquote(uri)


def read_github(data):
    command = re.compile(r"::(error|warning|notice) ([^:]*)::(.+)")
    findings = []
    for line in data.decode().splitlines():
        match = command.fullmatch(line)
        require(match, f"no workflow command: {line!r}")
        properties = dict(item.split("=", 1) for item in match[2].split(","))
        require({"file", "line", "endLine", "title"} <= set(properties), f"{line!r}")
        values = {name: unescaped(value) for name, value in properties.items()}
        require(int(values["endLine"]) >= int(values["line"]), f"{line!r}")
        findings.append((values["file"], place(int(values["line"])), values["title"].split()[0], match[1]))
    return findings, None


def unescaped(text):
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def read_markdown(data):
    findings, file, columns = [], None, 0
    for line in data.decode().splitlines():
        if line.startswith("### "):
            file, columns = line[4:].strip("`").replace("\\|", "|").strip(), 0
        elif line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            columns = columns or len(cells)
            require(len(cells) == columns == 4, f"another number of cells: {line!r}")
            if cells[0] not in ("line", "---:"):
                findings.append((file, place(int(cells[0])), cells[1].split()[0].strip("`"), cells[2]))
    return findings, None


def read_lines(data, finding, broken):
    findings = []
    for line in data.decode().splitlines():
        if not line:
            continue
        if match := re.fullmatch(finding, line):
            findings.append((match["file"], place(int(match["line"])), match["id"], match["level"]))
        else:
            match = re.fullmatch(broken, line)
            require(match, f"no line of the format: {line!r}")
            findings.append((match["file"], place(int(match["line"]), int(match["column"])), "DL1000", "error"))
    return findings, None


WHAT = r"(?P<id>[A-Za-z]+\d*) (?P<level>error|warning|info|style): (?P<message>.+)"


def read_tty(data):
    return read_lines(
        data, r"(?P<file>.+?):(?P<line>\d+) " + WHAT, r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+) (?P<message>.+)")


def read_gnu(data):
    return read_lines(
        data, r"hadolint:(?P<file>.+?):(?P<line>\d+): " + WHAT,
        r"hadolint:(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<message>.+)")


def read_full(data):
    heading = re.compile(r"(.+?):(\d+):(\d+): (error|warning|info|style): .+ \[([A-Za-z]+\d*) [a-z0-9-]+\]")
    matches = [heading.fullmatch(line) for line in data.decode().splitlines()]
    return [(found[1], place(int(found[2]), int(found[3])), found[5], found[4]) for found in matches if found], None


def shape(value, path=""):
    """The paths of all members."""
    if isinstance(value, dict):
        return {f"{path}.{key}" for key in value} | {
            name for key, inner in value.items() for name in shape(inner, f"{path}.{key}")}
    if isinstance(value, list):
        return {name for inner in value for name in shape(inner, path + "[]")}
    return set()


def xml_shape(element, path=""):
    path += "/" + element.tag
    return {path} | {f"{path}@{name}" for name in element.keys()} | {
        name for inner in element for name in xml_shape(inner, path)}


# What a format cannot tell apart.
COARSER = {
    "codacy": {level: None for level in LEVELS},
    "checkstyle": {"style": "info"},
    "rdjson": {"style": "info"},
    "sarif": {"info": "note", "style": "note"},
    "github": {"info": "notice", "style": "notice"},
}

# What hadolint's reports have and ours have in another way, or not: the language of a region is the run's, and there is no place
# yet to download Slipway from.
ELSEWHERE = {
    ".runs[].results[].locations[].physicalLocation.region.sourceLanguage", ".runs[].tool.driver.downloadUri"}


def comparable(findings, form):
    coarser = COARSER.get(form, {})
    return sorted(
        ((file, line, code, coarser.get(level, level)) for file, line, code, level in findings),
        key=lambda finding: tuple(map(str, finding)))


def same(left, right, form, whose):
    left, right = comparable(left, form), comparable(right, form)
    missing = [finding for finding in right if finding not in left]
    extra = [finding for finding in left if finding not in right]
    require(left == right, f"not the findings of {whose}: missing {missing}, extra {extra}")


def main():
    readers = {name[5:]: value for name, value in globals().items() if name.startswith("read_")}
    readers.pop("lines")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("format", choices=sorted(readers))
    parser.add_argument("report")
    parser.add_argument("--json", help="a report in the format json with the same findings")
    parser.add_argument("--hadolint", help="hadolint's report in the same format with the same findings")
    options = parser.parse_args()

    def read(form, path):
        with open(path, "rb") as file:
            return readers[form](file.read())

    try:
        findings, made_of = read(options.format, options.report)
        if options.json:
            same(findings, read("json", options.json)[0], options.format, options.json)
        if options.hadolint:
            theirs, theirs_made_of = read(options.format, options.hadolint)
            same(findings, theirs, options.format, options.hadolint)
            lost = sorted((theirs_made_of or set()) - (made_of or set()) - ELSEWHERE)
            require(not lost, f"hadolint's report has also {lost}")
    except (Violation, ValueError, KeyError, TypeError, ElementTree.ParseError) as error:
        print(f"{options.format}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"{options.format}: {len(findings)} findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
