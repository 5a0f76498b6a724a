import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3063: a stage called `scratch` or `context`.
package struct ReservedStageName: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3063", "reserved-stage-name"), .warning, buildkit: "ReservedStageName", visits: [.from],
    summary: "a stage called `scratch` or `context`")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let name = from.name else { return }
    let text = context.isStrict ? name.bytes : name.lowercasedBytes
    guard text.elementsEqual("scratch".utf8) || text.elementsEqual("context".utf8) else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "`\(name.string)` has a meaning of its own and should not be a stage's name",
        at: name.range, help: "give the stage another name"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "FROM with the name `scratch` or `context` behind AS.",
      why:
        "`scratch` is the empty image and `context` the files of the build. A stage of that name is mistaken for it.",
      instead: "Give the stage another name.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/reserved-stage-name/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12 AS «scratch»
          FROM debian:12 AS «context»

          """),
        .good(
          """
          FROM scratch AS empty

          """),
      ],
      differences: [
        HadolintDifference(
          "Letter case does not count in names of stages.", "FROM a:1 AS Scratch\n", ours: [1], strict: [])
      ])
  }
}
