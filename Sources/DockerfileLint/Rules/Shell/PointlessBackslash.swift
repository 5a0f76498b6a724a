import Diagnostics

/// SC1001: a backslash before a character that it does nothing to.
package struct PointlessBackslash: ShellRule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("SC1001", "pointless-backslash"), .info,
    summary: "a backslash before a character that it does nothing to")
  package static let help: String? = "leave it out, or put the text in quotes when the program is to see it"

  package init() {}

  package static func message(_ subject: String) -> String {
    "the backslash before `\(subject)` does nothing: the shell takes it away"
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A backslash before a character that it does nothing to.",
      why: """
        A program that should get the backslash does not get it: a path of Windows or a regular expression \
        comes out changed.
        """,
      instead: "Leave it out, or put the text in quotes when the program is to see it.",
      sources: ["https://www.shellcheck.net/wiki/SC1001"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN grep «\d» /etc/passwd

          """#),
        .good(
          #"""
          FROM debian:12
          RUN grep '\d' /etc/passwd

          """#),
      ],
      differences: [
        HadolintDifference(
          "images for Windows start cmd, whatever else there is",
          #"""
          FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
          RUN mkdir C:\app

          """#, ours: [], strict: [2])
      ])
  }
}
