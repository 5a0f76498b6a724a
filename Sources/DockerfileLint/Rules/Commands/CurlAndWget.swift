import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL4001: both `curl` and `wget` in one stage.
package struct CurlAndWget: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL4001", "curl-and-wget"), .warning, visits: [.run, .from], visitsTriggers: true,
    commands: ["curl", "wget"], summary: "both `curl` and `wget` in one stage")

  /// The first use of each in the stage.
  private var curl: ByteRange?
  private var wget: ByteRange?

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if instruction.kind == .from {
      (curl, wget) = (nil, nil)
      return
    }
    guard let script = context.script(of: instruction) else { return }
    let hadCurl = curl != nil
    let here = script.commands.filter { $0.name == "curl" || $0.name == "wget" }
    guard !here.isEmpty else { return }
    for command in here {
      if command.name == "curl" {
        if curl == nil { curl = command.nameRange }
      } else if wget == nil {
        wget = command.nameRange
      }
    }
    guard let curl, let wget else { return }
    // The one that came second in the stage is the one too many.
    let isSecond = hadCurl || curl < wget ? "wget" : "curl"
    let place = here.first { $0.name == isSecond } ?? here[0]
    let (other, first) = place.name == "curl" ? ("wget", wget) : ("curl", curl)
    findings.report(
      Diagnostic(
        Self.metadata.code, Self.metadata.severity,
        "the stage needs both `curl` and `wget`, and each of them does what the other does",
        at: place.nameRange, notes: [Note("`\(other)` is used here", at: first)],
        help: "use one of them throughout, and install only that"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A RUN with `curl` or `wget` in a stage in which, up to there, both are used. The first of the two is not flagged.
        """,
      why: """
        Either of them downloads files. Both together are two packages to install, to keep up to date and to watch for \
        security holes.
        """,
      instead: "Use the one that the base image has. ADD downloads a file without either.",
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN ‹curl› -fsSLO https://example.com/a.tgz
          RUN «wget» -q https://example.com/b.tgz

          """),
        .good(
          """
          FROM debian:12 AS build
          RUN curl -fsSLO https://example.com/a.tgz && curl -fsSLO https://example.com/b.tgz
          FROM alpine:3.21
          RUN wget -q https://example.com/a.tgz

          """),
      ],
      differences: [
        HadolintDifference(
          "a command behind `sudo`, or called by its path, does the same as without, but hadolint does not see it",
          "FROM a:1\nRUN curl a && sudo wget b\nRUN /usr/bin/curl c\n", ours: [2, 3], strict: [])
      ])
  }
}
