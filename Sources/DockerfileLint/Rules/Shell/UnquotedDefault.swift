import Diagnostics

/// SC2223: `: ${x:=…}` without quotes.
package struct UnquotedDefault: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2223", "unquoted-default"), .info, summary: "`: ${x:=…}` without quotes")
  package static let help: String? = "put it between quotes"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a default with wildcards makes the shell look for files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`: ${x:=…}` without quotes.",
      why: "The text is split and matched against files, for nothing.",
      instead: "Put it between quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2223"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN : «${A:=/*}»; b "$A"

          """),
        .good(
          """
          FROM debian:12
          RUN : "${A:=/*}"; b "$A"

          """),
      ])
  }
}
