import Diagnostics

/// SC2287: a command whose name ends with a slash.
package struct CommandEndsWithSlash: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2287", "command-ends-with-slash"), .error,
    summary: "a command whose name ends with a slash")
  package static let help: String? = "look for a blank that is too many"

  package init() {}

  package static func message(_ subject: String) -> String { "this is a folder, not a command" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command whose name ends with a slash.",
      why: "The shell cannot run a folder.",
      instead: "Look for a blank that is too many.",
      sources: ["https://www.shellcheck.net/wiki/SC2287"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «/a/» b

          """),
        .good(
          """
          FROM debian:12
          RUN /a/b

          """),
      ])
  }
}
