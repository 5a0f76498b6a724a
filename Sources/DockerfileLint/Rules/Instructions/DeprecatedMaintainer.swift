import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL4000: MAINTAINER, which LABEL has replaced.
package struct DeprecatedMaintainer: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL4000", "deprecated-maintainer"), .error, buildkit: "MaintainerDeprecated", fix: .safe,
    visits: [.maintainer, .label, .from], summary: "MAINTAINER, which LABEL has replaced")

  private static let label = "org.opencontainers.image.authors"

  private var seen: [(instruction: Instruction, text: Word)] = []
  /// Whether the stage sets the label already.
  private var hasLabel = false
  private var isInStage = false

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .maintainer(let text?): seen.append((instruction, text))
    case .label(let labels): hasLabel = hasLabel || labels.contains { $0.name.string.holds(Self.label) }
    case .from:
      closeStage(context, &findings)
      isInStage = true
    default: break
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    closeStage(context, &findings)
  }

  private mutating func closeStage(_ context: LintContext, _ findings: inout Findings) {
    for (instruction, text) in seen {
      findings.report(
        Diagnostic(
          Self.metadata.code, .error, "MAINTAINER is out of use; the label \(Self.label) says the same",
          at: instruction.syntax.keyword,
          help: hasLabel ? "the stage has this label already" : nil,
          fixIts: [isInStage ? fix(instruction, text, context) : nil].compactMap(\.self)),
        at: instruction.index)
    }
    seen = []
    hasLabel = false
  }

  private func fix(_ instruction: Instruction, _ text: Word, _ context: LintContext) -> FixIt? {
    // LABEL expands variables; MAINTAINER's text is taken as it is.
    var value = text.bytes[...]
    if value.count > 1, let first = value.first, first == value.last, first == 0x22 || first == 0x27 {
      value = value.dropFirst().dropLast()
    }
    var replacement = Array("\(Self.label)=\"".utf8)
    for byte in value {
      if byte == 0x22 || byte == 0x24 || byte == context.tree.escape {
        replacement.append(context.tree.escape)
      }
      replacement.append(byte)
    }
    replacement.append(0x22)
    let keyword = instruction.syntax.keyword
    return FixIt(
      "write LABEL \(Self.label)", hasLabel || !text.isVerbatim ? .unsafe : .safe,
      [Edit(keyword, context.keyword(.label, like: keyword)), Edit(text.range, replacement)])
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "MAINTAINER with a name.",
      why: "Docker has deprecated it; a label is shown by the same tools as all other labels.",
      instead: "Write LABEL org.opencontainers.image.authors with the same text.",
      fixSafety: """
        Safe unless the stage sets this label already or the text runs over several lines. Quotes, dollars and escape \
        characters in the text are escaped, since LABEL would read them.
        """,
      sources: [
        "https://docs.docker.com/reference/dockerfile/#maintainer-deprecated",
        "https://github.com/opencontainers/image-spec/blob/main/annotations.md",
      ],
      examples: [
        .bad(
          #"""
          FROM debian:12
          «MAINTAINER» Ada "the $1" Lovelace <ada@example.com>
          «maintainer» "Charles"

          """#,
          fixed: #"""
            FROM debian:12
            LABEL org.opencontainers.image.authors="Ada \"the \$1\" Lovelace <ada@example.com>"
            label org.opencontainers.image.authors="Charles"

            """#),
        .good(
          """
          FROM debian:12
          LABEL org.opencontainers.image.authors="ada@example.com"

          """),
      ])
  }
}
