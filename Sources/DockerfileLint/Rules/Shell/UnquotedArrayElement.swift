import Diagnostics

/// SC2206: an expansion without quotes in an array.
package struct UnquotedArrayElement: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2206", "unquoted-array-element"), .warning,
    summary: "an expansion without quotes in an array")
  package static let help: String? = "put it in double quotes, or use `read -ra`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the value is split at blanks and matched against files"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "An expansion without quotes in an array.",
      why: "An element falls into several, or becomes names of files.",
      instead: "Put it in double quotes, or use `read -ra`.",
      sources: ["https://www.shellcheck.net/wiki/SC2206"],
      examples: [
        .bad(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN a=(«$X»); echo "${a[0]}"

          """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN a=("$X"); echo "${a[0]}"

          """),
      ])
  }
}
