import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3029: FROM for one platform only.
package struct ConstantPlatform: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3029", "constant-platform"), .warning, buildkit: "FromPlatformFlagConstDisallowed",
    visits: [.from], summary: "FROM with a platform that the build does not decide")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let platform = from.platform else { return }
    let text = platform.string
    guard !text.isEmpty, !text.holds("BUILDPLATFORM"), !text.holds("TARGETPLATFORM") else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the stage is always built for `\(text)`, whatever platform is asked for",
        at: instruction.flag("platform")?.range ?? platform.range,
        help: "leave the platform to the build; a stage of tools can have `--platform=$BUILDPLATFORM`"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`FROM --platform` with anything but the variables BUILDPLATFORM and TARGETPLATFORM.",
      why: """
        Such a stage has the same platform in every build. On another machine it is emulated and slow, and an image for \
        several platforms gets the same programs for all of them.
        """,
      instead: "Leave the flag out, and give the platform to the build: `--platform linux/arm64`.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/",
      ],
      examples: [
        .bad(
          """
          FROM «--platform=linux/amd64» debian:12
          FROM «--platform=$PLATFORM» debian:12

          """),
        .good(
          """
          FROM --platform=$BUILDPLATFORM golang:1.24 AS build
          FROM debian:12

          """),
      ])
  }
}
