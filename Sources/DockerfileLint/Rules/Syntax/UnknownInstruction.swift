import Diagnostics
import DockerfileSyntax

/// DF001: a keyword that names no instruction. The parser finds it; see `Problem.diagnostic(in:)`.
package struct UnknownInstruction: Rule {
  package static let metadata = RuleMetadata(
    .unknownInstruction, .error, fix: .safe, summary: "a line that starts with no instruction's keyword")

  package init() {}

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A line whose first word is none of the eighteen instructions: it is misspelt, or a shell command that lacks its \
        RUN, or the rest of the line above, which lacks its continuation character.
        """,
      why: "The build stops there. All other lines are linted nevertheless.",
      instead: "Write the instruction that was meant.",
      fixSafety: """
        Safe when the word is one letter away from an instruction (one too many, one missing, one wrong, or two \
        neighbours exchanged), no other instruction is as near, and the line can be read with it. Otherwise unsafe.
        """,
      sources: ["https://docs.docker.com/reference/dockerfile/#overview"],
      examples: [
        .bad(
          """
          FROM debian:12
          «RNU» make
          «copi» . /app
          «cd» /app
          «WROKDRI» /app

          """,
          fixed: """
            FROM debian:12
            RUN make
            copy . /app
            cd /app
            WROKDRI /app

            """,
          unsafelyFixed: """
            FROM debian:12
            RUN make
            copy . /app
            cd /app
            WORKDIR /app

            """),
        .good(
          """
          FROM debian:12
          run make
          WORKDIR /app

          """),
      ])
  }
}
