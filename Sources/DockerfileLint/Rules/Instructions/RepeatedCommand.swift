import Diagnostics
package import DockerfileSyntax

/// DL4003: CMD more than once in a stage.
package struct RepeatedCommand: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL4003", "repeated-cmd"), .warning, buildkit: "MultipleInstructionsDisallowed",
    fix: .safe,
    visits: [.from, .cmd, .onbuild], summary: "CMD more than once in a stage")

  private var repeated = RepeatedInstruction()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let (instruction, previous) = repeated.visit(instruction, .cmd, context) else { return }
    findings.report(
      RepeatedInstruction.diagnostic(Self.metadata.code, .warning, instruction, after: previous, context),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The second CMD of a stage, and each one after it.",
      why:
        "Only the last one is started. The others look as if they were, too, and mislead whoever reads the file.",
      instead: "Keep the last one, or the one that is meant.",
      fixSafety:
        "Safe: what is removed has no effect. There is no fix for one that has a comment right above it.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          ‹CMD› ["one"]
          USER 1000
          «CMD» ["two"]

          """,
          fixed: """
            FROM debian:12
            USER 1000
            CMD ["two"]

            """),
        .bad(
          """
          FROM debian:12
          # why
          ‹CMD› ["one"]
          «CMD» ["two"]

          """),
        .good(
          """
          FROM debian:12 AS build
          CMD ["one"]
          FROM debian:12
          CMD ["two"]

          """),
      ],
      differences: [
        HadolintDifference(
          "What a stage hands on with ONBUILD is one stage's worth of instructions in the build that comes later.",
          """
          FROM a:1
          ONBUILD CMD ["a"]
          ONBUILD CMD ["a"]

          """, ours: [3], strict: [])
      ])
  }
}
