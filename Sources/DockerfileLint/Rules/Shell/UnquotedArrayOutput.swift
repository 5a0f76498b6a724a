import Diagnostics

/// SC2207: a command substitution without quotes in an array.
package struct UnquotedArrayOutput: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2207", "unquoted-array-output"), .warning,
    summary: "a command substitution without quotes in an array")
  package static let help: String? = "use `mapfile -t`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the output is split at blanks and matched against files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A command substitution without quotes in an array.",
      why: "A line with blanks falls into several elements.",
      instead: "Use `mapfile -t`.",
      sources: ["https://www.shellcheck.net/wiki/SC2207"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN a=(«$(b)»); echo "${a[0]}"

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN a=("$(b)"); echo "${a[0]}"

          """),
      ])
  }
}
