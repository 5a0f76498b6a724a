import Diagnostics

/// SC3036: flags of `echo` in dash or ash.
package struct EchoFlagInDash: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC3036", "echo-flag-in-dash"), .warning, summary: "flags of `echo` in dash or ash")
  package static let help: String? = "use `printf`"

  package init() {}

  package static func message(_ subject: String) -> String { "dash knows `echo -n` and no other flag" }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "Flags of `echo` in dash or ash.",
      why: "dash prints `-e`. The ash of BusyBox knows it; ShellCheck takes both for the same.",
      instead: "Use `printf`.",
      sources: ["https://www.shellcheck.net/wiki/SC3036"],
      examples: [
        .bad(
          """
          FROM alpine:3.21
          SHELL ["/bin/ash", "-c"]
          RUN echo «-e» a

          """),
        .good(
          #"""
          FROM alpine:3.21
          SHELL ["/bin/ash", "-c"]
          RUN printf 'a\n'

          """#),
      ])
  }
}
