import Diagnostics
import SourceText

/// DF901: an ignore comment that silences nothing.
package struct UnusedPragma: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF901", "unused-pragma"), .style, fix: .safe,
    summary: "an ignore comment that silences nothing")

  package init() {}

  /// The finding about one name of a pragma; the engine knows when all findings have been asked for.
  static func diagnostic(_ pragma: Pragma, unused index: Int, _ isUsed: [Bool], in context: LintContext)
    -> Diagnostic
  {
    let name = pragma.names[index]
    let edit: Edit
    if pragma.names.count == 1 {
      // The comment goes with its line, if nothing else stands in it.
      let line = context.lines.range(ofLine: context.lines.line(of: pragma.range.lower))
      edit = Edit(line, [])
    } else if index == 0 {
      edit = Edit(ByteRange(name.range.lower, pragma.names[1].range.lower), [])
    } else {
      edit = Edit(ByteRange(pragma.names[index - 1].range.upper, name.range.upper), [])
    }
    return Diagnostic(
      metadata.code, metadata.severity, "`\(name.text)` is not found where this comment would silence it",
      at: name.range, help: "it may hide a new mistake of the kind later",
      fixIts: [FixIt(pragma.names.count == 1 ? "remove the comment" : "remove the name", .safe, [edit])]
        .compactMap(\.self))
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A name in `# hadolint ignore=`, or in its `stage` and `global` forms, that silences no finding. Rules that are \
        off or ignored by settings are not looked at, nor are ids of rules that are not among ours.
        """,
      why: "A pragma that outlived its reason hides the next mistake of the same kind.",
      instead: "Remove the name, or the comment when it has no other.",
      fixSafety: "Safe: only a comment changes.",
      sources: ["https://github.com/hadolint/hadolint#ignoring-rules"],
      examples: [
        .bad(
          """
          # hadolint ignore=DL3006,«DL3007» # built nightly
          FROM debian
          # hadolint ignore=«DL3025»
          CMD ["x"]

          """,
          fixed: """
            # hadolint ignore=DL3006 # built nightly
            FROM debian
            CMD ["x"]

            """),
        .good(
          """
          # hadolint ignore=DL3006 # built nightly
          FROM debian
          CMD ["x"]

          """),
      ])
  }
}
