import Diagnostics
package import DockerfileSyntax

/// DL3043: ONBUILD with an instruction that cannot be put off.
package struct ForbiddenTrigger: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3043", "forbidden-trigger"), .error, visits: [.onbuild],
    summary: "ONBUILD with FROM, MAINTAINER or another ONBUILD")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .onbuild(let trigger?) = instruction.details,
      [.from, .maintainer, .onbuild].contains(trigger.kind)
    else { return }
    findings.claimProblems(of: instruction.index)
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "\(trigger.kind.keyword) cannot be put off with ONBUILD",
        at: trigger.syntax.keyword, help: "remove the ONBUILD, or the line"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "ONBUILD in front of FROM, MAINTAINER or ONBUILD.",
      why: "The build stops there.",
      instead: "Write the instruction without ONBUILD, or leave it out.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#onbuild",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          ONBUILD «FROM» debian:12
          ONBUILD «MAINTAINER» ada@example.com
          ONBUILD «ONBUILD» RUN make

          """),
        .good(
          """
          FROM debian:12
          ONBUILD RUN make

          """),
      ])
  }
}
