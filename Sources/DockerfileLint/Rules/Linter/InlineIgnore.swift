import Diagnostics
import DockerfileSyntax
import SourceText

/// DL1001: a comment that silences findings.
package struct InlineIgnore: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL1001", "inline-ignore"), .info, isOff: true,
    summary: "a comment that silences findings of one instruction")

  package init() {}

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    let tree = context.tree
    let comments = tree.tokens.indices.filter { tree.tokens[$0].kind == .comment }
    guard !comments.isEmpty else { return }
    // Comments inside an instruction are no lines of their own for hadolint.
    var inside = tree.instructions[...]
    for token in comments {
      let range = tree.range(ofToken: token)
      while let first = inside.first, first.range.upper <= range.lower { inside.removeFirst() }
      if let first = inside.first, first.range.lower <= range.lower { continue }
      guard Self.isIgnore(tree.source.bytes(in: range)) else { continue }
      findings.report(
        Diagnostic(
          Self.metadata.code, .info, "this comment silences findings where nobody looks for it", at: range,
          help: "mend what is found, or leave the rule out for all files in the settings"),
        at: nil)
    }
  }

  /// Whether a comment has the form `# hadolint ignore=DL3006,SC2086 # why`.
  private static func isIgnore(_ comment: ArraySlice<UInt8>) -> Bool {
    var rest = comment.dropFirst()
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
    func skip(_ text: String) -> Bool {
      guard rest.starts(with: text.utf8) else { return false }
      rest = rest.dropFirst(text.utf8.count)
      return true
    }
    func skipBlanks() { rest = rest.drop(while: isBlank) }
    skipBlanks()
    guard skip("hadolint"), let next = rest.first, isBlank(next) else { return false }
    skipBlanks()
    guard skip("ignore") else { return false }
    skipBlanks()
    guard skip("=") else { return false }
    while true {
      skipBlanks()
      let code = rest.prefix { "DLSC0123456789".utf8.contains($0) }
      guard !code.isEmpty else { return false }
      rest = rest.dropFirst(code.count)
      skipBlanks()
      if skip(",") { continue }
      return rest.first.map { $0 == 0x23 || isLineEnd($0) } ?? true
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A comment of the form `# hadolint ignore=DL3006`. Comments that silence findings of a stage or a file are not \
        flagged. The rule is off until settings give it a severity.
        """,
      why: "Where findings may not be silenced one by one, the settings are the place that all can see.",
      instead: "Mend what is found, or leave the rule out in the settings.",
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          «# hadolint ignore=DL3006»
          FROM debian
          «#hadolint ignore = DL3008,SC2086 # the archive keeps one version only»
          RUN apt-get install curl

          """),
        .good(
          """
          # hadolint global ignore=DL3006
          # hadolint shell=bash
          FROM debian
          # hadolint ignores DL3008
          RUN apt-get install curl

          """),
      ])
  }
}
