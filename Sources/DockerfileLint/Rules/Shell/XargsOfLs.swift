import Diagnostics

/// SC2011: `ls` into `xargs`.
package struct XargsOfLs: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2011", "xargs-of-ls"), .warning, summary: "`ls` into `xargs`")
  package static let help: String? = "use `find … -exec … +`, or `find … -print0 | xargs -0 …`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "`ls | xargs` breaks at names with blanks or line ends"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`ls` into `xargs`.",
      why: "`xargs` splits names at blanks and quotes.",
      instead: "Use `find … -exec … +`, or `find … -print0 | xargs -0 …`.",
      sources: ["https://www.shellcheck.net/wiki/SC2011"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «ls» | xargs wc

          """),
        .good(
          """
          FROM debian:12
          RUN find . -exec wc {} +

          """),
      ])
  }
}
