import DockerfileSyntax
import SourceText
import Testing

@testable import DockerfileLint

/// Which command of a RUN is said to have failed.
@Suite("Failed command")
struct FailedCommandTests {
  private func marked(_ script: String, _ status: Int32, _ output: String..., shell: String = "") -> String? {
    let source = Source(name: "Dockerfile", text: "FROM scratch\n\(shell)RUN \(script)\n")
    let file = Dockerfile(parsing: source)
    guard let run = file.instructions.last else { return nil }
    return failedCommand(of: run, in: file, status: status, output: output).map { source.text(in: $0) }
  }

  @Test(
    "A program that cannot be started is named by the shell",
    arguments: [
      "/bin/sh: 1: nosuch: not found", "/bin/bash: line 1: nosuch: command not found",
      "/bin/sh: nosuch: not found",
      "sh: 3: nosuch: Permission denied",
    ])
  func unstartable(_ line: String) {
    #expect(marked("echo a && \\\n  # why\n  nosuch --x && \\\n  echo b", 127, "a", line) == "nosuch --x")
  }

  @Test("The only command is the one")
  func single() {
    #expect(marked("--mount=type=tmpfs,target=/t make \\\n  all", 2) == "make \\\n  all")
  }

  @Test("A program that complains under its name, when it stands there once and its failure counts")
  func complaint() {
    #expect(marked("a && cp x y && b", 1, "cp: cannot stat 'x'") == "cp x y")
    #expect(marked("a && cp x y && cp y z", 1, "cp: cannot stat 'y'") == nil)
    #expect(marked("cp x y || true && b && c", 1, "cp: cannot stat 'x'") == nil)
    #expect(marked("if grep x y; then a; else false; fi", 1, "grep: y: No such file") == nil)
    #expect(marked("<<EOF\nset -e\ncd /x\n/usr/bin/tar xf y\nb\nEOF", 2, "tar: y: Cannot open") == nil)
    #expect(marked("<<EOF\nset -e\ncd /x\ntar xf y\nb\nEOF", 2, "tar: y: Cannot open", "") == "tar xf y")
  }

  @Test("Without set -e the last statement decides, when it is one command")
  func last() {
    #expect(marked("a; b; c --d", 3, "b: odd") == "c --d")
    #expect(marked("set -e; a; b; c --d", 3) == nil)
    #expect(marked("a; b; c && d", 3) == nil)
    #expect(marked("a || exit 3; b; c", 3) == nil)
  }

  @Test("Nothing is marked where nothing tells, nor in the exec form, nor for another shell")
  func nothing() {
    #expect(marked("a && b && c", 1, "oh") == nil)
    #expect(marked("[\"nosuch\", \"x\"]", 127, "nosuch: not found") == nil)
    #expect(marked("Get-Thing", 1, shell: "SHELL [\"pwsh\", \"-c\"]\n") == nil)
    #expect(marked("a && 'b", 2, "sh: 1: a: not found") == nil)
  }
}
