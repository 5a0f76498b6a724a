import Diagnostics

/// SC2275: a command whose name starts with `=`.
package struct CommandStartsWithEquals: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2275", "command-starts-with-equals"), .error,
    summary: "a command whose name starts with `=`")
  package static let help: String? = "join it to the word before"

  package init() {}

  package static func message(_ subject: String) -> String { "an equals sign cannot start a command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command whose name starts with `=`.",
      why: "There is no such program, so the build stops here.",
      instead: "Join it to the word before.",
      sources: ["https://www.shellcheck.net/wiki/SC2275"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN a; «=» b

          """),
        .good(
          """
          FROM debian:12
          RUN a=b; echo "$a"

          """),
      ])
  }
}
