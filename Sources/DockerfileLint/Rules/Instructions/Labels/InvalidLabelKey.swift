import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3048: LABEL with a key that breaks the rules for keys.
package struct InvalidLabelKey: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3048", "invalid-label-key"), .style, visits: [.label],
    summary: "a label whose name breaks Docker's rules for names")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .label(let labels) = instruction.details else { return }
    let wrong = labels.filter { !Self.isValid(context.text(of: $0.name) ?? $0.name.bytes) }
    guard let first = wrong.first else { return }
    let name = context.text(of: first.name) ?? first.name.bytes
    findings.report(
      Diagnostic(
        Self.metadata.code, .style, "`\(String(decoding: name, as: UTF8.self))` is no good name for a label",
        at: first.name.range, notes: wrong.dropFirst().map { Note("nor is this", at: $0.name.range) },
        help: Self.isReserved(name)
          ? "Docker keeps this name space for itself; use a domain of yours"
          : "use small letters, digits and single dots, dashes, slashes and underscores between them"),
      at: instruction.index)
  }

  private static func isValid(_ key: [UInt8]) -> Bool {
    guard let first = key.first, let last = key.last, isSmallLetter(first),
      isSmallLetter(last) || last.isASCIIDigit
    else { return false }
    var previous: UInt8 = 0
    for byte in key {
      switch byte {
      case 0x2D, 0x2E: if byte == previous { return false }
      case 0x2F, 0x5F: break
      default: guard isSmallLetter(byte) || byte.isASCIIDigit else { return false }
      }
      previous = byte
    }
    return !isReserved(key)
  }

  private static func isSmallLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }

  private static func isReserved(_ key: [UInt8]) -> Bool {
    ["com.docker.", "io.docker.", "org.dockerproject."].contains { key.starts(with: $0.utf8) }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A label whose name does not start with a small letter, does not end with one or a digit, has anything but small \
        letters, digits, `.`, `-`, `_` and `/` in it, or two dots or dashes in a row, or lies in a name space of Docker's: \
        `com.docker.`, `io.docker.`, `org.dockerproject.`.
        """,
      why:
        "Tools that look for labels count on these names, and Docker's own labels must not be mixed up with yours.",
      instead: "Use the reversed name of a domain of yours and a word, like `com.example.team`.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/engine/manage-resources/labels/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          LABEL «Vendor»=x good=y ‹a..b›=z
          LABEL «com.docker.thing»=x
          LABEL «_x» words

          """),
        .good(
          """
          FROM debian:12
          LABEL com.example.team=x "quoted"=y a/b-c_d.1=z

          """),
      ])
  }
}
