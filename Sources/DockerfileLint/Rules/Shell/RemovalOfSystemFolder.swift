import Diagnostics

/// SC2114: `rm -r` of a folder that the system needs.
package struct RemovalOfSystemFolder: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2114", "removal-of-system-folder"), .warning,
    summary: "`rm -r` of a folder that the system needs")
  package static let help: String? = "name what is to be removed in it"

  package init() {}

  package static func message(_ subject: String) -> String { "this removes a folder that the system needs" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`rm -r` of a folder that the system needs.",
      why: "Without the folder hardly anything works.",
      instead: "Name what is to be removed in it.",
      sources: ["https://www.shellcheck.net/wiki/SC2114"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN rm -rf «/usr/share»

          """),
        .good(
          """
          FROM debian:12
          RUN rm -rf /usr/share/doc

          """),
      ])
  }
}
