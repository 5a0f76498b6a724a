import Diagnostics
package import DockerfileSyntax

/// DL3024: two stages of one name.
package struct DuplicateStageName: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3024", "duplicate-stage-name"), .error, buildkit: "DuplicateStageName", visits: [.from],
    summary: "a stage with the name of an earlier one")

  /// The first stage of each name.
  private var stages: [[UInt8]: Word] = [:]

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let name = from.name else { return }
    let key = context.isStrict ? name.bytes : name.lowercasedBytes
    guard let first = stages[key] else {
      stages[key] = name
      return
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "there is a stage `\(name.string)` already", at: name.range,
        notes: [Note("here", at: first.range)], help: "give each stage a name of its own"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "FROM with a name behind AS that an earlier FROM has already.",
      why: "The later stage hides the earlier one, so the same name means two things in one file.",
      instead: "Give each stage a name of its own.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/duplicate-stage-name/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12 AS ‹base›
          FROM golang:1.24 AS «base»

          """),
        .good(
          """
          FROM debian:12 AS base
          FROM golang:1.24 AS build

          """),
      ],
      differences: [
        HadolintDifference(
          "Letter case does not count in names of stages.", "FROM a:1 AS b\nFROM c:1 AS B\n", ours: [2],
          strict: [])
      ])
  }
}
