import Diagnostics

/// SC2028: an escape like `\n` in an argument of `echo`.
package struct EchoOfEscape: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC2028", "echo-of-escape"), .info,
    summary: #"an escape like `\n` in an argument of `echo`"#)
  package static let help: String? = "use `printf`"

  package init() {}

  package static func message(_ subject: String) -> String {
    "whether `echo` expands this escape depends on the shell"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: #"An escape like `\n` in an argument of `echo`."#,
      why: "dash expands it, bash does not: the same line gives different files.",
      instead: "Use `printf`.",
      sources: ["https://www.shellcheck.net/wiki/SC2028"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN echo «'a\nb'» > /c

          """#),
        .good(
          #"""
          FROM debian:12
          RUN printf 'a\nb\n' > /c

          """#),
      ])
  }
}
