import Diagnostics

/// SC2267: `xargs -i`, which `-I{}` has replaced.
package struct OldXargsReplacement: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2267", "old-xargs-replacement"), .info, fix: .safe,
    summary: "`xargs -i`, which `-I{}` has replaced")
  package static let help: String? = "write `-I{}`"

  package static let fixTitle: String? = "write `-I{}`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`xargs -i` is deprecated"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`xargs` with the option `-i`.",
      why: "It is an extension of GNU that is deprecated, and others do not have it.",
      instead: "Write `-I{}`.",
      fixSafety: "Safe: without a text behind the letter, `-i` is `-I{}`.",
      sources: ["https://www.shellcheck.net/wiki/SC2267"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN ls | xargs «-i» cp {} /x

          """,
          fixed: """
            FROM debian:12
            RUN ls | xargs -I{} cp {} /x

            """),
        .good(
          """
          FROM debian:12
          RUN ls | xargs -I{} cp {} /x

          """),
      ])
  }
}
