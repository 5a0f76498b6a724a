import Diagnostics
package import DockerfileSyntax

/// DL4004: ENTRYPOINT more than once in a stage.
package struct RepeatedEntrypoint: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL4004", "repeated-entrypoint"), .error, buildkit: "MultipleInstructionsDisallowed",
    fix: .safe,
    visits: [.from, .entrypoint, .onbuild], summary: "ENTRYPOINT more than once in a stage")

  private var repeated = RepeatedInstruction()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let (instruction, previous) = repeated.visit(instruction, .entrypoint, context) else { return }
    findings.report(
      RepeatedInstruction.diagnostic(Self.metadata.code, .error, instruction, after: previous, context),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The second ENTRYPOINT of a stage, and each one after it.",
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
          ‹ENTRYPOINT› ["one"]
          USER 1000
          «ENTRYPOINT» ["two"]

          """,
          fixed: """
            FROM debian:12
            USER 1000
            ENTRYPOINT ["two"]

            """),
        .bad(
          """
          FROM debian:12
          # why
          ‹ENTRYPOINT› ["one"]
          «ENTRYPOINT» ["two"]

          """),
        .good(
          """
          FROM debian:12 AS build
          ENTRYPOINT ["one"]
          FROM debian:12
          ENTRYPOINT ["two"]

          """),
      ],
      differences: [
        HadolintDifference(
          "What a stage hands on with ONBUILD is one stage's worth of instructions in the build that comes later.",
          """
          FROM a:1
          ONBUILD ENTRYPOINT ["a"]
          ONBUILD ENTRYPOINT ["a"]

          """, ours: [3], strict: [])
      ])
  }
}
