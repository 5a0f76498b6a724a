import Diagnostics
import DockerfileSyntax

/// DL1000: everything else that the parser refuses; see `Problem.diagnostic(in:)`.
package struct ParseError: Rule {
  package static let metadata = RuleMetadata(
    .parseError, .error, summary: "a line that cannot be built as it stands")

  package init() {}

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    if !context.isStrict { LongLine.report(context.dockerfile, &findings) }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        Everything that keeps the file from being built and has no rule of its own: missing arguments, flags without \
        values, here-documents without an end, a line of more than 65,535 bytes.
        """,
      why:
        "The build stops there. All other lines are linted nevertheless.",
      instead: "The finding says what is missing.",
      sources: ["https://docs.docker.com/reference/dockerfile/", "https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          FROM debian:12
          «COPY package.json»
          ENV «NAME»
          «WORKDIR»
          COPY --from=«$STAGE» a b

          """),
        .good(
          """
          FROM debian:12
          COPY package.json ./
          ENV NAME=value

          """),
      ],
      differences: differences)
  }
}
