import Diagnostics

/// SC2154: a variable in small letters that nobody sets.
package struct UnknownVariable: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2154", "unknown-variable"), .warning,
    summary: "a variable in small letters that nobody sets")
  package static let help: String? = "set it, or correct the name"

  package init() {}

  package static func message(_ subject: String) -> String { "nothing sets `\(subject)`" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A variable in small letters that nobody sets.",
      why: "It is empty. In a Dockerfile it may be an ARG or ENV that is missing above.",
      instead: "Set it, or correct the name.",
      sources: ["https://www.shellcheck.net/wiki/SC2154"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN echo "«$name»"

          """),
        .good(
          """
          FROM debian:12
          ARG name
          RUN echo "$name"

          """),
      ])
  }
}
