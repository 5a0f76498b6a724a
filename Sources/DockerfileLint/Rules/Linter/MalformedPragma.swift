import Diagnostics
import SourceText

/// DF902: an ignore comment that cannot be read, or names no rule.
package struct MalformedPragma: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF902", "malformed-pragma"), .warning, fix: .unsafe,
    summary: "an ignore comment that cannot be read or names no rule")

  package init() {}

  /// The finding about a comment as a whole.
  static func diagnostic(_ fault: Pragma.Fault, at range: ByteRange) -> Diagnostic {
    let form =
      "the form is `# hadolint ignore=DL3006,DL3007 # why`, also with `stage` or `global` before `ignore`"
    let sentence =
      switch fault {
      case .unknownWord(let word): "`\(word)` is nothing that can be said to the linter"
      case .missingEquals: "this comment silences nothing: there is no `=` in it"
      case .missingNames: "this comment says nothing: there is nothing behind the `=`"
      case .trailingText(let text): "this comment silences nothing: `\(text)` is no name of a rule"
      }
    return Diagnostic(metadata.code, metadata.severity, sentence, at: range, help: form)
  }

  /// The finding about a name.
  static func diagnostic(unknown name: Pragma.Name) -> Diagnostic {
    let suggestion = RuleRegistry.suggestion(for: name.text)
    return Diagnostic(
      metadata.code, metadata.severity, "there is no rule `\(name.text)`", at: name.range,
      help: suggestion.map { "did you mean `\($0)`?" } ?? "`slipway rules` lists all",
      fixIts: suggestion.flatMap { FixIt("write `\($0)`", .unsafe, [Edit(name.range, $0)]) }.map { [$0] }
        ?? [])
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A comment that begins like a pragma and cannot be read, and a name in a pragma that is no rule's. Ids in small \
        letters, names and blanks between them are understood.
        """,
      why: "Such a comment silences nothing, and the reader believes that it does.",
      instead: "Write `# hadolint ignore=RULE,RULE # why` directly above the instruction.",
      fixSafety: "Unsafe: a misspelt name is replaced by the nearest, which may be another than was meant.",
      sources: ["https://github.com/hadolint/hadolint#ignoring-rules"],
      examples: [
        .bad(
          """
          «# hadolint ignore DL3006»
          FROM debian
          «# hadolint ignores=DL3025»
          CMD x
          # hadolint ignore=«untaged-base-image»
          FROM alpine

          """,
          unsafelyFixed: """
            # hadolint ignore DL3006
            FROM debian
            # hadolint ignores=DL3025
            CMD x
            # hadolint ignore=untagged-base-image
            FROM alpine

            """),
        .good(
          """
          # hadolint is run on this file
          # hadolint ignore=dl3006 untagged-base-image
          FROM debian

          """),
      ])
  }
}
