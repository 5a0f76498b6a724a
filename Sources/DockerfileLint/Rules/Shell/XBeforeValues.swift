import Diagnostics

/// SC2268: a comparison with an `x` before both sides.
package struct XBeforeValues: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2268", "x-before-values"), .style, summary: "a comparison with an `x` before both sides"
  )
  package static let help: String? = "leave it out, and put the value in quotes"

  package init() {}

  package static func message(_ subject: String) -> String { "the `x` is not needed" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A comparison with an `x` before both sides.",
      why: "It was a help for shells of the eighties.",
      instead: "Leave it out, and put the value in quotes.",
      sources: ["https://www.shellcheck.net/wiki/SC2268"],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN [ «x"$A"» = xb ]

          """),
        .good(
          """
          FROM debian:12
          RUN [ "$A" = b ]

          """),
      ])
  }
}
