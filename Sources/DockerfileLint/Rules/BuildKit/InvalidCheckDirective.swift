import Diagnostics
import DockerfileSyntax
import SourceText

/// DF904: a `# check=` comment with an option or a name that does not exist; see ``CheckDirective``.
package struct InvalidCheckDirective: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF904", "invalid-check-directive"), .warning, fix: .unsafe,
    summary: "a `# check=` comment with an option or a name that does not exist")

  package init() {}

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    for entry in context.checkDirective.problems { findings.report(entry.diagnostic, at: entry.instruction) }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `# check=` with an option other than skip, error and experimental, a value of `error` that is neither true nor \
        false, the name of a check that BuildKit does not have, or a blank inside the list. Letter case counts.
        """,
      why: """
        BuildKit passes over a name that it does not know, so that nothing is silenced. With a wrong option at the top of the \
        file it refuses to build; above an instruction it ignores the comment.
        """,
      instead: "Write the names as BuildKit's findings do, with commas and without blanks between them.",
      fixSafety: "Unsafe: it writes the name that comes nearest.",
      sources: [
        "https://docs.docker.com/reference/dockerfile/#check",
        "https://docs.docker.com/reference/build-checks/",
      ],
      examples: [
        .bad(
          """
          # check=skip=«StageNameCase»,FromAsCasing
          FROM node:22 as build
          # check=«skp»=UndefinedVar
          RUN make
          # check=skip=LegacyKeyValueFormat«, UndefinedVar»
          ENV A b

          """,
          unsafelyFixed: """
            # check=skip=StageNameCasing,FromAsCasing
            FROM node:22 as build
            # check=skip=UndefinedVar
            RUN make
            # check=skip=LegacyKeyValueFormat, UndefinedVar
            ENV A b

            """),
        .good(
          """
          # check=skip=FromAsCasing;error=true
          FROM node:22 as build
          # check=skip=LegacyKeyValueFormat the tool that reads this wants a blank
          ENV A b

          """),
      ])
  }
}
