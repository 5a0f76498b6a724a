import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

@Suite("Rules about the shell language")
struct ShellRulesTests {
  /// The shell codes of a file's findings, in order, with their lines.
  private func codes(_ text: String, isStrict: Bool = false) -> [String] {
    let result = Linter(LintSettings { $0.isStrict = isStrict }).lint(Source(name: "Dockerfile", text: text))
    let lines = LineIndex(result.source)
    return result.findings.filter { $0.code.id.hasPrefix("SC") }
      .map { "\(lines.line(of: $0.range.lower)):\($0.code.id)" }
  }

  /// The shell codes of a RUN.
  private func run(_ script: String, shell: String = "/bin/sh") -> [String] {
    codes("FROM a:1\nSHELL [\"\(shell)\", \"-c\"]\nRUN \(script)\n").map { String($0.dropFirst(2)) }
  }

  @Test(
    "Values that need quotes",
    arguments: [
      ("X=1; a $X", false), ("X=$(b); a $X", true), ("X='a b'; a $X", true), ("X=; a $X", true),
      ("X=; if a; then X=1; fi; b $X", false), ("X=1; if a; then X=$(b); fi; c $X", true),
      ("for i in a b; do c $i; done", false), ("for i in ; do c $i; done", true),
      ("for i in *.a; do c $i; done", true),
      ("a || exit 1; X=1; b $X", false), ("X=1; a || X=$(b); c $X", true), ("b && X=1 && a $X", true),
      ("X=1; (X=$(a)); b $X", false), ("X=1; f() { X=$(a); }; f; b $X", true), ("a ${#X} $# $? $$", false),
      ("a \"$X\" > \"$Y\"", false), ("a > $Y", true), ("case $X in a) b ;; esac", false),
      ("A=$X; a \"$A\"", false),
      ("$X", false), ("a ${X:+b}", false), ("while read -r l; do a $l; done", true), ("a <<E\n$X\nE", false),
    ])
  func quoting(_ script: String, _ isFound: Bool) {
    let file = script.contains("\n") ? "FROM a:1\nRUN <<R\n\(script)\nR\n" : "FROM a:1\nRUN \(script)\n"
    #expect(codes(file).contains { $0.hasSuffix("SC2086") } == isFound)
  }

  @Test("Variables of ARG and ENV are set, in the stage and those that are built on it")
  func variables() {
    let text = """
      ARG name
      FROM a:1 AS one
      ENV dir=/a
      ARG tag
      RUN b $dir $tag "$name" $http_proxy
      FROM one
      RUN b $dir
      FROM c:1
      RUN b $dir
      ONBUILD ARG name
      ONBUILD RUN b $name
      ONBUILD RUN b $dir

      """
    let expected = ["5:SC2154", "9:SC2086", "9:SC2154", "12:SC2086", "12:SC2154"]
    #expect(codes(text) == expected)
    #expect(codes(text, isStrict: true) == ["5:SC2154", "9:SC2086", "12:SC2086"])
  }

  @Test(
    "Redirections that compete with each other or with a pipe",
    arguments: [
      ("a < f < g", ["SC2261", "SC2261"]), ("a > f 2> g", []), ("a > f >> g", ["SC2261", "SC2261"]),
      ("a &> f 2> g", ["SC2261", "SC2261"]), ("a >& f > g", ["SC2261", "SC2261"]), ("a >&2 > f", []),
      ("a 3> f 3> g", ["SC2261", "SC2261"]), ("a <> f < g", []), ("{ a; } > f > g", ["SC2261", "SC2261"]),
      ("a >| f > g", ["SC2261", "SC2261"]), ("a {x}> f {y}> g", []), ("a <&3 < f", []),
      ("a > f | b", ["SC2260"]), ("a &> f | b", ["SC2260"]), ("a 2> f | b", []), ("a > f 2>&1 | b", []),
      ("a > f |& b", []), ("a | b < f", ["SC2259"]), ("a | b <<< x", ["SC2259"]), ("a | b 3< f", []),
      ("a | b < f > g | c", ["SC2259", "SC2260"]), ("a | (b) < f", ["SC2259"]), ("a | (b < f)", []),
      ("a | b < <(c)", []), ("a > >(c) | b", []), ("a > f > g | c", ["SC2260", "SC2261", "SC2261"]),
      ("a | b <&3 < f", []), ("a > f | b < g", ["SC2259", "SC2260"]),
      ("x=$(a > f | b) && c \"$x\"", ["SC2260"]),
    ])
  func competingRedirections(_ script: String, _ expected: [String]) {
    #expect(run(script, shell: "/bin/bash").sorted() == expected)
  }

  @Test(
    "The old option -i of xargs",
    arguments: [
      ("-i b", true), ("-in1 b", true), ("-0 -i b", true), ("-n 1 -i b", true), ("-i\"$x\" b", true),
      ("-ri b", true),
      ("-i", false), ("b -i", false), ("-I{} b", false), ("-P i b", false), ("--verbose -i b", false),
      ("-- -i", false), ("-l -i b", false), ("-l1 -i b", true), ("-d , -i b", false),
    ])
  func oldReplacement(_ options: String, _ isFound: Bool) {
    #expect(run("x=1; a | xargs \(options)").contains("SC2267") == isFound)
  }

  @Test(
    "Letters that look like syntax, and patterns that stay text",
    arguments: [
      ("a “b”", ["SC1110", "SC1110"]), ("a ‘b’", ["SC1110", "SC1110"]), ("a ″b ‶c", ["SC1110", "SC1110"]),
      ("a \"“b”\"", ["SC1111", "SC1111"]), ("a \"‘b’\"", []), ("a '‘b’'", ["SC1112", "SC1112"]),
      ("a '“b”'", []),
      ("a \\“b", ["SC1001"]), ("a «b» ‛c – …", []), ("a b\u{A0}c", ["SC1018"]), ("a 'b\u{A0}c'", []),
      ("a \u{3000}b", []), ("x=*.a && b \"$x\"", ["SC2125"]), ("x={a,b} && b \"$x\"", ["SC2125"]),
      ("x='*' && b \"$x\"", []),
      ("export x=a?", ["SC2125"]), ("x=(*) && b \"${x[@]}\"", []), ("x=@(a|b) && c \"$x\"", ["SC2125"]),
      ("[ -a /x ] || b", ["SC2331"]), ("[ ! -a /x ] || b", ["SC2331"]), ("[ -e /x ] || b", []),
      ("[ \\( -f /x \\) -a -f /y ] || b", ["SC2166"]), ("[ -f /x -a -a /y ] || b", ["SC2166", "SC2331"]),
    ])
  func lookAlikes(_ script: String, _ expected: [String]) {
    #expect(run(script, shell: "/bin/bash").sorted() == expected)
  }

  @Test("What bash knows is flagged for sh, not for bash")
  func dialects() {
    let script = "[[ \"$A\" == b* ]] && echo -e \"${A:1}\" && source /c && d {e,f}"
    #expect(run(script) == ["SC3010", "SC3014", "SC3037", "SC3057", "SC3046", "SC3009"])
    #expect(run(script, shell: "/bin/bash") == [])
    #expect(run("set -o pipefail; echo -n a") == ["SC3040", "SC3037"])
    #expect(run("set -o pipefail; echo -n a", shell: "/bin/ash") == [])
    #expect(codes("FROM a:1\nRUN <<E\n#!/bin/bash\n[[ -f /a ]]\nE\n") == [])
    #expect(codes("FROM a:1\nRUN <<E bash\n[[ -f /a ]]\nE\n").allSatisfy { !$0.hasSuffix("SC3010") })
  }

  @Test("Scripts for other programs are left alone")
  func others() {
    for shell in ["/bin/zsh", "pwsh", "cmd", "/usr/bin/python3"] {
      #expect(run("a $X; [[ b", shell: shell) == [])
    }
    #expect(codes("FROM mcr.microsoft.com/windows/nanoserver:1\nRUN echo %A%; b\n") == [])
    #expect(codes("FROM a:1\nRUN <<E\n#!/usr/bin/python3\nprint('a' 'b')\nE\n") == [])
    #expect(codes("FROM a:1\nRUN [\"a\", \"$X\"]\n") == [])
  }

  @Test(
    "Strict mode shows one finding of a RUN, the last one, and forgets SHELL at ARG and ENV as hadolint does")
  func strict() {
    #expect(codes("FROM a:1\nRUN a $X && \\\n  b `c`\n", isStrict: true) == ["2:SC2006"])
    #expect(codes("FROM a:1\nRUN a $X && \\\n  b `c`\n") == ["2:SC2086", "3:SC2006", "3:SC2046"])
    let shell = "FROM a:1\nSHELL [\"/bin/bash\", \"-c\"]\nENV A=1\nRUN [[ -f /a ]]\n"
    #expect(codes(shell, isStrict: true) == ["4:SC3010"] && codes(shell) == [])
    #expect(codes("FROM a:1\nSHELL [\"/bin/zsh\", \"-c\"]\nRUN a\n", isStrict: true) == ["3:SC1071"])
  }

  @Test(
    "What cannot be read",
    arguments: [
      ("a 'b", "SC1072"), ("if a; then b", "SC1072"), ("a b(c)", "SC1088"), ("&& a", "SC1133"),
      ("a; fi", "SC1089"),
      ("a ('{0}' -f b)", "SC1065"), ("(a).b('c')", "SC1036"),
    ])
  func unreadable(_ script: String, _ code: String) {
    #expect(run(script) == [code])
  }

  @Test("Fixes leave alone what they would break")
  func fixes() {
    func fixed(_ text: String) -> String {
      let file = Linter().fix(
        Source(name: "Dockerfile", text: text), minimum: .unsafe,
        only: ["SC2164", "SC2006", "SC2086", "SC3014"])
      return file.result.source.text(in: ByteRange(0, Int.max))
    }
    #expect(fixed("FROM a:1\nRUN cd x | b\n") == "FROM a:1\nRUN cd x | b\n")
    #expect(fixed("FROM a:1\nRUN a \"`b \\`c\\``\"\n") == "FROM a:1\nRUN a \"`b \\`c\\``\"\n")
    #expect(fixed("FROM a:1\nRUN a $X \\\n  b/$Y.c\n") == "FROM a:1\nRUN a \"$X\" \\\n  b/\"$Y\".c\n")
    #expect(fixed("FROM a:1\nRUN [ \"$A\" == b ]\n") == "FROM a:1\nRUN [ \"$A\" = b ]\n")
  }

  @Test("Remarks of an installed ShellCheck are mapped back, and are one finding with ours")
  func batch() {
    let source = Source(
      name: "Dockerfile", text: "FROM a:1\nARG v\nRUN é && \\\n  a $X && \\\n  b -eq 1\nRUN [\"c\"]\n")
    let settings = LintSettings()
    let batch = ShellCheckBatch([(source, settings, LintEnvironment())])
    #expect(batch.scripts.count == 1)
    let text = String(decoding: batch.scripts.first ?? [], as: UTF8.self)
    #expect(text.hasPrefix("#!/bin/sh\nexport ") && text.contains("export v=1\n"))
    let line = text.split(separator: "\n").count
    func place(_ column: Int, _ end: Int) -> ShellCheckComment.Place {
      ShellCheckComment.Place(line: line, column: column, endLine: line, endColumn: end)
    }
    let script = text.split(separator: "\n").last ?? ""
    let x = script.distance(from: script.startIndex, to: script.firstIndex(of: "$") ?? script.startIndex) + 1
    let comments = [
      ShellCheckComment(
        script: 0, place: place(x, x + 2), level: "info", code: 2086, message: "theirs",
        replacements: [.init(place(x, x), "\""), .init(place(x + 2, x + 2), "\"")]),
      ShellCheckComment(script: 0, place: place(1, 2), level: "warning", code: 2999, message: "unknown here"),
      ShellCheckComment(script: 0, place: place(1, 2), level: "error", code: 2148, message: "no shebang"),
    ]
    var environment = LintEnvironment()
    environment.shellCheck = batch.findings(comments).first
    let result = Linter(settings).lint(source, environment)
    let found = result.findings.filter { $0.code.id.hasPrefix("SC") }
    #expect(found.map(\.code.id) == ["SC2999", "SC2086"])
    #expect(found.map { source.text(in: $0.range) } == ["é", "$X"])
    #expect(found.last?.message != "theirs")
    let changed = Source(name: "Dockerfile", text: "FROM a:1\nRUN b\n")
    #expect(!Linter(settings).lint(changed, environment).findings.contains { $0.code.id == "SC2999" })
  }
}
