#!/usr/bin/env python3
"""Compares `slipway ast --format sexp` with BuildKit's own Dockerfile parser, byte for byte.

The oracle is one of two:

* by default the PyPI package `dockerfile` (3.4.0), which embeds the parser of BuildKit v0.12.5. It
  gives the fields of each instruction, not the dump; the dump is built from them here.
* with --dumper BINARY a program that takes one file, prints the dump of the parse tree and a newline,
  and exits non-zero without output when the parser refuses the file: BuildKit's
  `frontend/dockerfile/parser/dumper` of any version.

Three outcomes are agreement: the same bytes; a file that the oracle refuses and for which slipway exits 1 with a
message; a file that the oracle cannot speak about, which is counted as "not comparable" and shown with --verbose.
Everything else is a difference.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

EPILOG = """\
where the package and a current BuildKit differ (with --dumper none of this matters):
  - The package returns text, so a file with NUL or with bytes that are not UTF-8 is not comparable.
  - The package drops the third field of a name and value pair ("=" or, for `ENV name value`, "") and the
    flags of the instruction below ONBUILD. Both are found again from the text of the line; where that is
    ambiguous (ONBUILD with flags of its own, ONBUILD below ONBUILD) the file is not comparable.
  - BuildKit v0.12.5 takes no white space between `<<` and the name of a heredoc; later versions do
    (`RUN << EOF`), and then need its end. A RUN, COPY or ADD with `<<` before white space is not comparable.
  - BuildKit v0.12.5 ignores what follows a JSON array (`CMD ["a"] b`); for later versions that is no JSON and
    hence a shell command. Such a line is not comparable, nor is one with `\\u0000`, which ends the package's text.
    An array with a value that is no string (`CMD [1] b`) is refused by v0.12.5 whatever follows: this is reported as
    "accepted against the oracle" although later versions accept it too.
  - BuildKit v0.12.5 knows the directives `syntax` and `escape`; later versions also know `check`: `# escape=`
    after `# check=` takes effect, and a second `# check=` is an error. Reported as a difference.
  - Inside a flag, BuildKit v0.12.5 takes `\\` for the escape token even where a directive makes it the backtick.
    Reported as a difference.

exit status: 0 no differences; 1 differences; 2 wrong usage, or the oracle or slipway could not be run.
"""

NAMES = re.compile(r"^(docker|container)file([._-].*)?$|\.(docker|container)file$", re.IGNORECASE)

# unicode.IsSpace of Go; str.strip() would also take U+001C to U+001F.
GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# White space between the words of an instruction.
BLANKS = re.compile(r"[\t\v\f\r ]+")
SPACED_HEREDOC = re.compile(r"^(onbuild\s+)?(run|copy|add)\s.*<<-?[ \t\v\f\r]", re.IGNORECASE)
SHORT_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


class OracleFailure(Exception):
    """The oracle itself could not work; says why."""


@dataclass
class Answer:
    """What one side says about a file: a dump, a refusal, or neither with the reason."""

    dump: bytes | None = None
    refusal: str | None = None
    other: str | None = None


def go_quote(text):
    """strconv.Quote of Go, for text that is valid UTF-8."""
    out = ['"']
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif character.isprintable():
            out.append(character)
        elif character in SHORT_ESCAPES:
            out.append(SHORT_ESCAPES[character])
        elif code < 0x20 or code == 0x7F:
            out.append(f"\\x{code:02x}")
        elif code < 0x10000:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    out.append('"')
    return "".join(out)


def go_lower(text):
    """strings.ToLower of Go: one character for one, so no final sigma and no two-character results."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


class NotComparable(Exception):
    """The package does not give enough to rebuild the dump; says why."""


class PackageOracle:
    """Rebuilds BuildKit's dump from what the PyPI package `dockerfile` returns."""

    def __init__(self):
        try:
            import dockerfile
        except ImportError as error:
            advice = "install the PyPI package dockerfile==3.4.0, or name a binary with --dumper"
            raise OracleFailure(f"{error}; {advice}") from None
        self.package = dockerfile

    def answer(self, path):
        try:
            with open(path, "rb") as file:
                text = file.read().decode("utf-8")
        except UnicodeDecodeError:
            return Answer(other="not UTF-8")
        except OSError as error:
            raise OracleFailure(str(error)) from None
        if "\0" in text:
            return Answer(other="contains NUL")
        try:
            commands = self.package.parse_string(text)
        except self.package.GoParseError as error:
            return Answer(refusal=str(error))
        except UnicodeDecodeError:
            # An escape token can split a character in the parser, and the package returns text.
            return Answer(other="a value is not UTF-8")
        try:
            dump = "".join("(" + self.dump_command(c) + ")\n" for c in commands).strip(GO_SPACE) + "\n"
        except NotComparable as reason:
            return Answer(other=str(reason))
        return Answer(dump=dump.encode("utf-8"))

    def dump_command(self, command):
        """One node: name, flags, values; what stands below ONBUILD is a list of its own."""
        line = (command.original or "").strip(GO_SPACE)
        if command.json and not ends_with_array(line, command.value):
            raise NotComparable("text after a JSON array, or NUL in it")
        if SPACED_HEREDOC.search(line):
            raise NotComparable("white space between << and a name")
        head = go_lower(command.cmd or "") + flag_list(command.flags)
        if command.sub_cmd is None:
            return node(head, values_of(command, command.cmd))
        if command.flags:
            raise NotComparable("ONBUILD with flags of its own")
        if go_lower(command.sub_cmd) == "onbuild":
            raise NotComparable("ONBUILD below ONBUILD")
        below = go_lower(command.sub_cmd) + flag_list(self.flags_below(command))
        return f"{head} ({node(below, values_of(command, command.sub_cmd))})".strip(GO_SPACE)

    def flags_below(self, command):
        """The flags of the instruction below ONBUILD, which the package forgets.

        Flags are found before the instruction's name is looked at, so the same words below a name that no instruction
        has give the flags alone.
        """
        words = BLANKS.split(command.original.strip(GO_SPACE), maxsplit=2)
        if len(words) < 3 or not words[2].startswith("--"):
            return ()
        try:
            return self.package.parse_string("X " + words[2])[0].flags
        except (self.package.GoParseError, UnicodeDecodeError):
            raise NotComparable("flags below ONBUILD") from None


def flag_list(flags):
    return " [" + " ".join(go_quote(f) for f in flags) + "]" if flags else ""


def node(head, values):
    return "".join([head] + [" " + go_quote(v) for v in values]).strip(GO_SPACE)


def values_of(command, name):
    """The values, with the separator that follows each name and value of ENV and LABEL."""
    values = list(command.value)
    if go_lower(name or "") not in ("env", "label") or not values:
        return values
    separator = "=" if len(values) > 2 else pair_separator(command.original, *values)
    return [v for i in range(0, len(values), 2) for v in (values[i], values[i + 1], separator)]


def ends_with_array(line, values):
    """Whether the line ends with a JSON array of these values; the package also takes an array with text after it."""
    try:
        array = json.loads(line[line.index("[") :])
    except ValueError:
        return False
    # Go makes half a surrogate pair U+FFFD.
    array = [re.sub("[\ud800-\udfff]", "\ufffd", v) if isinstance(v, str) else v for v in array]
    return array == list(values[len(values) - len(array) :])


def pair_separator(line, name, value):
    """"=" for `name=value`, "" for the old form `name value`: what stands between them at the line's end."""
    line = line.strip(GO_SPACE)
    if line.endswith(name + "=" + value):
        return "="
    if re.search(r"[\t\v\f\r ]" + re.escape(name) + r"[\t\v\f\r ]+" + re.escape(value) + r"\Z", line):
        return ""
    raise NotComparable("ENV or LABEL whose form the package does not tell")


class DumperOracle:
    """Runs a dumper program."""

    def __init__(self, binary, timeout):
        self.binary, self.timeout = binary, timeout

    def answer(self, path):
        try:
            done = subprocess.run(
                [self.binary, path], stdin=subprocess.DEVNULL, capture_output=True, timeout=self.timeout
            )
        except subprocess.TimeoutExpired:
            return Answer(other=f"the dumper took longer than {self.timeout:g} s")
        except OSError as error:
            raise OracleFailure(f"{self.binary}: {error.strerror}") from None
        if done.returncode == 0:
            return Answer(dump=done.stdout)
        if done.returncode < 0:
            return Answer(other=f"the dumper ended by signal {-done.returncode}")
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return Answer(refusal=lines[0] if lines else f"exit status {done.returncode}")


def ask_slipway(binary, path, timeout):
    try:
        done = subprocess.run(
            [binary, "ast", "--format", "sexp", path], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        return Answer(other=f"slipway took longer than {timeout:g} s")
    except OSError as error:
        raise OracleFailure(f"{binary}: {error.strerror}") from None
    message = done.stderr.decode("utf-8", "replace").strip()
    first = message.splitlines()[0] if message else ""
    if done.returncode == 0:
        return Answer(dump=done.stdout)
    if done.returncode != 1:
        return Answer(other=f"slipway ended with status {done.returncode}: {first}")
    if not message:
        return Answer(other="slipway exits 1 without a message")
    return Answer(refusal=first)


def first_difference(expected, actual):
    """Line number and the two lines where the dumps part; None is a dump that has ended."""
    old, new = expected.splitlines(keepends=True), actual.splitlines(keepends=True)
    for i in range(max(len(old), len(new))):
        a = old[i] if i < len(old) else None
        b = new[i] if i < len(new) else None
        if a != b:
            return i + 1, a, b
    return 0, None, None


def shown(line, limit=300):
    if line is None:
        return "(the dump ends here)"
    text = line.decode("utf-8", "backslashreplace")
    text = text[:-1] if text.endswith("\n") else text + "  (no newline)"
    return text if len(text) <= limit else text[:limit] + f"… ({len(text)} characters)"


def compare(oracle, slipway, path, timeout):
    """Returns the outcome's name and the lines that explain it."""
    expected = oracle.answer(path)
    actual = ask_slipway(slipway, path, timeout)
    if actual.other is not None:
        return "failed", [actual.other]
    if expected.other is not None:
        return "not comparable", [expected.other]
    if expected.refusal is not None:
        if actual.refusal is not None:
            return "refused", []
        return "accepted", [f"oracle refuses: {expected.refusal}", "slipway exits 0"]
    if actual.refusal is not None:
        return "rejected", ["oracle accepts", f"slipway refuses: {actual.refusal}"]
    if expected.dump == actual.dump:
        return "equal", []
    number, old, new = first_difference(expected.dump, actual.dump)
    return "different", [f"line {number} of the dump", f"  expected {shown(old)}", f"  actual   {shown(new)}"]


def find_files(paths, every):
    """Files as named; folders are searched in sorted order for what is named like a Dockerfile."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                full = os.path.join(folder, name)
                if (every or NAMES.search(name)) and os.path.isfile(full):
                    yield full


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder to search for Dockerfiles")
    parser.add_argument(
        "--slipway", default="slipway", metavar="PATH", help="the program under test (default: slipway)"
    )
    parser.add_argument("--dumper", metavar="BINARY", help="the oracle: a dumper program instead of the Python package")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="files at once (default: all cores)"
    )
    parser.add_argument("--all", action="store_true", help="take every file of a folder, whatever its name")
    parser.add_argument(
        "--limit", type=int, default=20, metavar="N", help="explain at most N differences, 0 for all (default: 20)"
    )
    parser.add_argument("--timeout", type=float, default=20, metavar="SECONDS", help="for one file (default: 20)")
    parser.add_argument("--verbose", action="store_true", help="also name the files that are not comparable, and why")
    options = parser.parse_args()

    files = list(find_files(options.paths, options.all))
    if not files:
        parser.error("no Dockerfiles found")
    counts = dict.fromkeys(["equal", "refused", "different", "accepted", "rejected", "failed", "not comparable"], 0)
    explained = 0
    try:
        oracle = DumperOracle(options.dumper, options.timeout) if options.dumper else PackageOracle()
        with ThreadPoolExecutor(max(1, options.jobs)) as pool:
            try:
                results = pool.map(lambda path: compare(oracle, options.slipway, path, options.timeout), files)
                for path, (outcome, lines) in zip(files, results):
                    counts[outcome] += 1
                    if outcome in ("equal", "refused"):
                        continue
                    if outcome == "not comparable":
                        if options.verbose:
                            print(f"{path}: not comparable: {lines[0]}")
                        continue
                    explained += 1
                    if options.limit == 0 or explained <= options.limit:
                        print(f"{path}: {outcome}")
                        print("".join(f"  {line}\n" for line in lines), end="")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except OracleFailure as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    if 0 < options.limit < explained:
        print(f"… and {explained - options.limit} more; --limit 0 shows all")
    print(
        f"{len(files)} files: {counts['equal']} equal, {counts['refused']} refused by both, "
        f"{counts['different']} different, "
        f"{counts['accepted']} accepted against the oracle, {counts['rejected']} refused against the oracle, "
        f"{counts['failed']} failed, {counts['not comparable']} not comparable"
    )
    return 1 if explained else 0


if __name__ == "__main__":
    sys.exit(main())
