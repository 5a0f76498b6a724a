import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3065: FROM for the platform that it would be for anyway.
package struct RedundantPlatform: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3065", "redundant-platform"), .warning, buildkit: "RedundantTargetPlatform", fix: .safe,
    visits: [.from], summary: "FROM with the platform that is the default")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let platform = from.platform,
      let flag = instruction.flag("platform"),
      platform.bytes.elementsEqual("$TARGETPLATFORM".utf8)
        || platform.bytes.elementsEqual("${TARGETPLATFORM}".utf8)
    else { return }
    // The blanks behind the flag go with it, on its line.
    var end = Int(flag.range.upper)
    let bytes = context.dockerfile.source.bytes
    while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
    let fixIt = FixIt("remove the flag", .safe, [Edit(ByteRange(Int(flag.range.lower), end), "")])
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning, "the target platform is what FROM takes without the flag, too",
        at: flag.range,
        fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`FROM --platform=$TARGETPLATFORM`, also with braces.",
      why: "It says what is so without it, and makes a reader look for a reason.",
      instead: "Leave the flag out.",
      fixSafety: "Safe: the platform stays the same.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/redundant-target-platform/",
      ],
      examples: [
        .bad(
          """
          FROM «--platform=$TARGETPLATFORM» debian:12 AS base
          FROM «--platform=${TARGETPLATFORM}»   base

          """,
          fixed: """
            FROM debian:12 AS base
            FROM base

            """),
        .good(
          """
          FROM --platform=$BUILDPLATFORM golang:1.24 AS build
          FROM debian:12

          """),
      ])
  }
}
