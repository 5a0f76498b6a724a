import Diagnostics

/// SC2183: a printf format that takes another number of arguments.
package struct FormatArgumentCount: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2183", "format-argument-count"), .warning,
    summary: "a printf format that takes another number of arguments")
  package static let help: String? = "give as many arguments as the format has places"

  package init() {}

  package static func message(_ subject: String) -> String { "the format takes \(subject) at a time" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A printf format that takes another number of arguments.",
      why: "printf uses the format again until nothing is left, and takes empty texts for what is missing.",
      instead: "Give as many arguments as the format has places.",
      sources: ["https://www.shellcheck.net/wiki/SC2183"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN printf «'%s %s\n'» a

          """#),
        .good(
          #"""
          FROM debian:12
          RUN printf '%s %s\n' a b

          """#),
      ])
  }
}
