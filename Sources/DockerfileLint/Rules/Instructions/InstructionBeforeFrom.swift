import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3061: an instruction other than ARG before the first FROM.
package struct InstructionBeforeFrom: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3061", "instruction-before-from"), .error,
    visits: InstructionKind.known.filter { $0 != .from && $0 != .arg } + [.unknown],
    summary: "an instruction other than ARG before the first FROM")

  /// Whether a misspelt FROM stands above: that is the finding then, and what follows belongs to its stage.
  private var isBelowFrom = false

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard !isBelowFrom, context.dockerfile.preamble.contains(instruction.index) else { return }
    if instruction.kind == .unknown {
      let keyword = Array(context.dockerfile.source.bytes(in: instruction.syntax.keyword))
      let keywords = InstructionKind.known.map(\.keyword)
      isBelowFrom = nearest(to: keyword, among: keywords)?.candidate == InstructionKind.from.keyword
      return
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "\(instruction.kind.keyword) stands before the first FROM, so there is no image yet that it could change",
        at: instruction.syntax.keyword, help: "start the file with FROM; only ARG may stand above it"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Each instruction above the first FROM, except ARG.",
      why: "There is no image yet that it could change. The build stops there.",
      instead: "Start the file with FROM, or with ARGs that FROM uses.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#from",
      ],
      examples: [
        .bad(
          """
          ARG VERSION=12
          «ENV» A=b
          «RUN» make
          FROM debian:$VERSION

          """),
        .good(
          """
          FRMO debian:12
          ENV A=b

          """),
        .good(
          """
          # comment
          ARG VERSION=12
          FROM debian:$VERSION
          ENV A=b

          """),
      ])
  }
}
