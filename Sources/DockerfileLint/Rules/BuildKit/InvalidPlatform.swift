import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF118: `--platform` of FROM that is no platform.
package struct InvalidPlatform: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF118", "invalid-platform"), .error, visits: [.from],
    summary: "`--platform` of FROM that is no platform")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let word = from.platform, !word.bytes.isEmpty else {
      return
    }
    let escape = context.tree.escape
    let globals = context.stageBases.globals
    // What is not declared is a finding already.
    let uses = VariableUse.all(in: word, options: WordTemplate.Options(escape: escape))
    guard uses.allSatisfy({ globals.values[$0.name] != nil }),
      case .known(let text) = globals.text(of: word, escape: escape),
      PlatformName(String(decoding: text, as: UTF8.self)) == nil
    else { return }
    let shown = String(decoding: text.prefix(60), as: UTF8.self)
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        text.isEmpty ? "the platform is empty" : "`\(shown)` is no platform", at: word.range,
        help: "write system and architecture, like `linux/amd64` or `linux/arm/v7`, or `$BUILDPLATFORM`"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `--platform` that, its variables replaced by the defaults of the ARGs above the first FROM, is not of the form \
        `os`, `architecture`, `os/architecture` or `os/architecture/variant`.
        """,
      why: "The build stops there.",
      instead: "Write a platform like `linux/arm64`.",
      sources: [
        "https://docs.docker.com/reference/dockerfile/#from", "https://github.com/containerd/platforms",
      ],
      examples: [
        .bad(
          """
          ARG MACHINE=pc
          FROM --platform=«$MACHINE» debian:12 AS one
          FROM --platform=«linux/arm64/v8/little» debian:12 AS two
          FROM --platform=«linux/» debian:12

          """),
        .good(
          """
          ARG MACHINE
          FROM --platform=$BUILDPLATFORM debian:12 AS one
          FROM --platform=$MACHINE debian:12 AS two
          FROM --platform=linux/arm/v7 debian:12 AS three
          FROM --platform=arm64 debian:12

          """),
      ])
  }
}
