import Diagnostics

/// SC2043: `for` over one constant word.
package struct LoopRunsOnce: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2043", "loop-runs-once"), .warning, summary: "`for` over one constant word")
  package static let help: String? =
    "give it several words, a pattern or an expansion without quotes; or drop the loop"

  package init() {}

  package static func message(_ subject: String) -> String { "this loop runs once, with one word" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`for` over one constant word.",
      why: "It is meant for more, most likely: a `$` or a pattern is missing.",
      instead: "Give it several words, a pattern or an expansion without quotes; or drop the loop.",
      sources: ["https://www.shellcheck.net/wiki/SC2043"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN for f in «/a»; do rm "$f"; done

          """),
        .good(
          """
          FROM debian:12
          RUN for f in /a /b; do rm "$f"; done

          """),
      ])
  }
}
