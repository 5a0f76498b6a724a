import Diagnostics

/// SC2103: `cd` to a folder and back.
package struct CdAndBack: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2103", "cd-and-back"), .info, summary: "`cd` to a folder and back")
  package static let help: String? = "use a subshell: `( cd … && … )`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "a failure on the way leaves the script in another folder"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`cd` to a folder and back.",
      why: "When one of the two fails, what follows works in the wrong place.",
      instead: "Use a subshell: `( cd … && … )`.",
      sources: ["https://www.shellcheck.net/wiki/SC2103"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN cd /a; make; «cd ..»; b

          """),
        .good(
          """
          FROM debian:12
          RUN (cd /a && make); b

          """),
      ])
  }
}
