import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

/// The lines that a rule flags.
private func lines(_ id: String, _ text: String, isStrict: Bool = false) -> [Int] {
  let result = Linter(LintSettings { $0.isStrict = isStrict }).lint(Source(name: "Dockerfile", text: text))
  let index = LineIndex(result.source)
  return result.findings.filter { $0.code.id == id }.map { index.line(of: $0.range.lower) }
}

/// Whether a rule flags a RUN with this text.
private func flags(_ id: String, _ command: String, isStrict: Bool = false) -> Bool {
  !lines(id, "FROM a:1\nRUN \(command)\n", isStrict: isStrict).isEmpty
}

/// A file after the safe fixes of one rule.
private func fixed(_ id: String, _ text: String, minimum: Applicability = .safe) -> String {
  let others = RuleRegistry.all.map { $0.metadata.code.id }.filter { $0 != id }
  let file = Linter(ignoring: others).fix(Source(name: "Dockerfile", text: text), minimum: minimum)
  return file.result.source.text(in: ByteRange(0, Int.max))
}

@Suite("Package managers: versions")
struct PackageVersionTests {
  @Test(
    "apt-get: a version, a release, a file",
    arguments: [
      ("apt-get install curl=1", false), ("apt-get install curl", true),
      ("apt-get install curl/stable", false),
      ("apt-get install ./a.deb b.deb /c", false), ("apt-get install \"$P\"", true),
      ("apt-get install curl=$V", false), ("apt-get install -t x", false), ("apt-get -t x install", false),
      ("apt-get install -y", false), ("apt-get update", false), ("apt install curl", false),
      ("apt-get install --target-release=x y", true), ("apt-get install -o Dpkg::Use-Pty=0 a=1", false),
      ("echo apt-get install curl", false), ("if true; then apt-get install curl; fi", true),
    ])
  func apt(_ command: String, _ isFlagged: Bool) {
    for isStrict in [false, true] { #expect(flags("DL3008", command, isStrict: isStrict) == isFlagged) }
  }

  @Test(
    "yum and dnf: name-version, in which a part starts with a digit",
    arguments: [
      ("install -y a", true), ("install -y a-1", false), ("install -y a-b", true),
      ("install -y a-b-1.2", false),
      ("install -y a-1-x86_64", false), ("install -y a-1*", true), ("install -y a-1.rpm", false),
      ("install -y a-${V}", true), ("install -y a-$A", false), ("install -y a-${E}", false),
      ("install -y a-${L}", true), ("install -y a-${E:-1}", true), ("module install -y a:1", false),
      ("module install -y a", true), ("update a", false),
    ])
  func rpm(_ arguments: String, _ isFlagged: Bool) {
    for (id, program) in [("DL3033", "yum"), ("DL3041", "dnf"), ("DL3041", "microdnf")] {
      let text = """
        ARG A=1
        FROM a:1 AS base
        ENV E=1 F=2
        FROM b:1 AS other
        ENV L=1
        FROM base
        RUN \(program) \(arguments)

        """
      for isStrict in [false, true] {
        #expect(lines(id, text, isStrict: isStrict) == (isFlagged ? [7] : []))
      }
    }
  }

  @Test("A trigger knows the variables of triggers alone")
  func triggers() {
    let text = """
      FROM a:1
      ARG V=1
      ONBUILD RUN yum install -y a-${V}
      ONBUILD ARG V=1
      ONBUILD RUN yum install -y a-${V}

      """
    #expect(lines("DL3033", text) == [3])
  }

  @Test("Further packages are notes of one finding")
  func notes() {
    let result = lint("FROM a:1\nRUN zypper -n in a b=1 c && zypper -n in d\n")
    let findings = result.findings.filter { $0.code.id == "DL3037" }
    #expect(findings.count == 1)
    #expect(findings.flatMap { $0.notes.map { result.source.text(in: $0.range) } } == ["c", "d"])
  }
}

@Suite("Package managers: questions")
struct PackageQuestionTests {
  @Test(
    "What says yes to apt-get",
    arguments: [
      ("-y", true), ("--yes", true), ("--assume-yes", true), ("-qq", true), ("-q -q", true), ("-yq", true),
      ("--quiet --quiet", true), ("-q=2", true), ("-q", false), ("--quiet", false), ("-f", false),
      ("", false),
    ])
  func yes(_ option: String, _ isQuiet: Bool) {
    for isStrict in [false, true] {
      #expect(flags("DL3014", "apt-get install \(option) a", isStrict: isStrict) != isQuiet)
      #expect(flags("DL3014", "apt-get \(option) install a", isStrict: isStrict) != isQuiet)
    }
  }

  @Test("An option goes behind the verb, through continuations and in here-documents")
  func insertion() {
    #expect(
      fixed("DL3014", "FROM a:1\r\nRUN apt-get \\\r\n  install \\\r\n  a\r\n")
        == "FROM a:1\r\nRUN apt-get \\\r\n  install -y \\\r\n  a\r\n")
    #expect(
      fixed("DL3030", "FROM a:1\nRUN <<EOF\nyum install a\nEOF\n")
        == "FROM a:1\nRUN <<EOF\nyum install -y a\nEOF\n")
    #expect(
      fixed("DL3019", "FROM a:1\nONBUILD RUN apk add a\n") == "FROM a:1\nONBUILD RUN apk add --no-cache a\n")
    #expect(
      fixed("DL3034", "FROM a:1\nRUN zypper -q in a; zypper rm b\n")
        == "FROM a:1\nRUN zypper -q --non-interactive in a; zypper --non-interactive rm b\n")
  }

  @Test(
    "What cannot be edited is flagged and left alone",
    arguments: [
      "RUN [\"apt-get\", \"install\", \"a\"]", "RUN apt-get 'install' a", "RUN apt-get inst\\\nall a",
    ])
  func noEdit(_ line: String) {
    let text = "FROM a:1\n\(line)\n"
    #expect(lines("DL3014", text) == [2])
    #expect(fixed("DL3014", text, minimum: .unsafe) == text)
  }
}

@Suite("Package managers: what stays in the layer")
struct PackageCacheTests {
  @Test(
    "What removes the lists of apt",
    arguments: [
      ("rm -rf /var/lib/apt/lists/*", true), ("rm -rf /var/lib/apt/lists", true),
      ("rm -r /var/lib/apt/", true),
      ("rm -rf /tmp/* /var/lib/{apt,dpkg}", true), ("rm -rf /var/{cache,log}/*", false), ("rm -rf /", false),
      ("rm -rf /var/lib/apt/lists/*_dists_*", true), ("rm -rf /var/lib/aptitude", false),
      ("cd /var/lib/apt && rm -rf lists/*", true), ("cd /tmp && rm -rf lists/*", false), ("rm -rf $D", false),
      ("find /var/lib/apt/lists -delete", true), ("find /var/lib/apt/lists -type f", false),
      ("apt-get dist-clean", true), ("apt-get clean", false), ("sudo rm -rf /var/lib/apt/lists/*", true),
    ])
  func removal(_ command: String, _ isClean: Bool) {
    #expect(flags("DL3009", "apt-get update && \(command)") != isClean)
    #expect(flags("DL3009", "\(command) && apt-get update"))
  }

  @Test("In a script with functions the order says nothing")
  func functions() {
    #expect(!flags("DL3009", "c() { rm -rf /var/lib/apt/lists/*; }; apt-get update; c"))
    #expect(flags("DL3009", "c() { rm -rf /tmp/x; }; apt-get update; c"))
  }

  @Test("Many braces take no time and no memory")
  func braces() {
    let word = String(repeating: "{a,b}", count: 5000)
    #expect(flags("DL3009", "apt-get update && rm -r /x/\(word)"))
  }

  @Test("Only stages of which something is kept: the last, those that others build on, and triggers")
  func stages() {
    let run = "RUN apt-get update"
    for isStrict in [false, true] {
      #expect(lines("DL3009", "FROM a:1\n\(run)\nFROM b:1\n\(run)\n", isStrict: isStrict) == [4])
      #expect(lines("DL3009", "FROM a:1 AS x\n\(run)\nFROM x\n", isStrict: isStrict) == [2])
      #expect(lines("DL3009", "FROM a:1 AS x\nONBUILD \(run)\nFROM b:1\n", isStrict: isStrict) == [2])
    }
  }

  @Test("A mount at the folder, or at one above it")
  func mounts() {
    let install = "yum install -y a-1"
    #expect(!flags("DL3032", "--mount=type=tmpfs,target=/var/cache/yum \(install)"))
    #expect(!flags("DL3032", "--mount=target=/var/cache/,type=cache \(install)"))
    #expect(flags("DL3032", "--mount=type=bind,target=/var/cache/yum \(install)"))
    #expect(flags("DL3032", "--mount=type=cache,target=/ \(install)"))
    #expect(flags("DL3032", "--mount=type=cache,target=/var/cac \(install)"))
  }

  @Test(
    "A command is appended in the layout of the RUN",
    arguments: [
      ("RUN A", "RUN A && C"), ("RUN A  ", "RUN A && C  "), ("RUN x; A || true", "RUN x; A || true && C"),
      ("RUN x \\\n && A \\\n   b", "RUN x \\\n && A \\\n   b \\\n && C"),
      ("RUN x && \\\n    A", "RUN x && \\\n    A && \\\n    C"),
      ("RUN A \\\n# why\n  b", "RUN A \\\n# why\n  b \\\n  && C"),
      ("RUN x \\\r\n\t&& A", "RUN x \\\r\n\t&& A \\\r\n\t&& C"), ("RUN (A)", "RUN (A) && C"),
      ("RUN A | cat", "RUN A | cat && C"), ("ONBUILD RUN A", "ONBUILD RUN A && C"),
      ("RUN if x; then A; fi", "RUN if x; then A; fi && C"),
    ])
  func appended(_ before: String, _ after: String) {
    let text = { (line: String) in
      "FROM a:1\n\(line)\n".replacing(" C", with: " rm -rf /var/lib/apt/lists/*")
        .replacing(" A", with: " apt-get update").replacing("(A", with: "(apt-get update")
        .replacing("\tC", with: "\trm -rf /var/lib/apt/lists/*").replacing("\tA", with: "\tapt-get update")
    }
    #expect(fixed("DL3009", text(before)) == text(after))
  }

  @Test("A backtick continues the lines of a file that says so")
  func escape() {
    let head = "# escape=`\nFROM a:1\n"
    #expect(
      fixed("DL3009", head + "RUN x `\n && apt-get update\n")
        == head + "RUN x `\n && apt-get update `\n && rm -rf /var/lib/apt/lists/*\n")
  }

  @Test(
    "Nothing is appended where it might not run, or not with the same rights",
    arguments: [
      "RUN apt-get update;", "RUN apt-get update &", "RUN apt-get update # all", "RUN apt-get update; exit 0",
      "RUN sudo apt-get update", "RUN [\"apt-get\", \"update\"]", "RUN <<EOF\napt-get update\nEOF",
      "RUN apt-get update && {{ more }}",
    ])
  func notAppended(_ line: String) {
    let text = "FROM a:1\n\(line)\n"
    #expect(fixed("DL3009", text, minimum: .unsafe) == text)
  }

  @Test("What a later RUN or a trigger needs is not removed")
  func laterReaders() {
    for later in ["RUN apt-get install -y a", "ONBUILD RUN apt-get -y install a"] {
      let text = "FROM a:1\nRUN apt-get update\n\(later)\n"
      #expect(lines("DL3009", text) == [2])
      #expect(fixed("DL3009", text, minimum: .unsafe) == text)
    }
    let text =
      "FROM a:1\nRUN apt-get update\nRUN apt-get update && apt-get install a && rm -rf /var/lib/apt/lists/*\n"
    #expect(fixed("DL3009", text) != text)
  }

  @Test("A package manager that may be absent is not called safely")
  func conditions() {
    for run in ["apt-get install a || yum install -y a", "if test -e /x; then yum install -y a; fi"] {
      let text = "FROM a:1\nRUN \(run)\n"
      #expect(fixed("DL3032", text) == text)
      #expect(fixed("DL3032", text, minimum: .unsafe) == "FROM a:1\nRUN \(run) && yum clean all\n")
    }
  }
}

@Suite("Package managers: behind other commands")
struct HiddenCommandTests {
  @Test(
    "What stands between the start of a command and apt-get",
    arguments: [
      ("sudo", true), ("sudo -E -H", true), ("sudo -u root A=b", true), ("env A=b", true), ("nohup", true),
      ("sudo --preserve-env=X --", true), ("xargs", false), ("echo", false),
    ])
  func prefixes(_ prefix: String, _ isSeen: Bool) {
    #expect(flags("DL3014", "\(prefix) apt-get install a") == isSeen)
    #expect(!flags("DL3014", "\(prefix) apt-get install a", isStrict: true))
  }

  @Test("A fix finds its place there too")
  func fixes() {
    #expect(
      fixed("DL3014", "FROM a:1\nRUN sudo /usr/bin/apt-get install a\n")
        == "FROM a:1\nRUN sudo /usr/bin/apt-get install -y a\n")
    #expect(fixed("DL3027", "FROM a:1\nRUN sudo apt update\n") == "FROM a:1\nRUN sudo apt-get update\n")
    #expect(fixed("DL3027", "FROM a:1\nRUN /usr/bin/apt update\n") == "FROM a:1\nRUN /usr/bin/apt update\n")
  }
}
