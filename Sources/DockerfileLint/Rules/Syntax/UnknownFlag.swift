import Diagnostics
import DockerfileSyntax

/// DF004: a flag that the instruction does not have. The parser finds it; see `Problem.diagnostic(in:)`.
package struct UnknownFlag: Rule {
  package static let metadata = RuleMetadata(
    .unknownFlag, .error, fix: .safe, summary: "a flag that the instruction does not have")

  package init() {}

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "A word that starts with `--` in front of an instruction's arguments and is no flag of that instruction.",
      why: "The build stops there.",
      instead: "Write the flag that was meant. Options of a program stand behind the program's name.",
      fixSafety: """
        Safe when the name is one letter away from a flag of the instruction and no other flag is as near. Otherwise \
        unsafe.
        """,
      sources: ["https://docs.docker.com/reference/dockerfile/"],
      examples: [
        .bad(
          """
          FROM debian:12 AS build
          FROM debian:12
          COPY «--form=build» /a /c
          COPY «--chow=app» a b
          ADD «--from=build» a.tar /

          """,
          fixed: """
            FROM debian:12 AS build
            FROM debian:12
            COPY --from=build /a /c
            COPY --chown=app a b
            ADD --from=build a.tar /

            """),
        .good(
          """
          FROM debian:12 AS build
          FROM debian:12
          COPY --from=build --chown=app /a /c

          """),
      ])
  }
}
