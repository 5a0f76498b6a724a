import Diagnostics
package import DockerfileSyntax

/// DL3067: COPY of everything that another stage has.
package struct CopyWholeFilesystem: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3067", "copy-whole-filesystem"), .warning, visits: [.copy],
    summary: "COPY of a whole stage over the image")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .copy(let transfer) = instruction.details, instruction.flag("from") != nil,
      let destination = transfer.destination, destination.unquoted.elementsEqual([0x2F]),
      let source = transfer.paths.first(where: { $0.unquoted.elementsEqual([0x2F]) })
    else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "everything of the other stage is copied, also what only its build needed",
        at: source.range, help: "copy the folders that are needed, or build on the stage with FROM"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`COPY --from` with the source `/` and the destination `/`.",
      why: """
        Tools, caches and secrets of the build come with the result, and system files of one image are laid over those \
        of another.
        """,
      instead: "Copy the folders that are needed. If all of it is, build on the stage with FROM.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/build/building/multi-stage/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12 AS build
          FROM scratch
          COPY --from=build «/» /

          """),
        .good(
          """
          FROM debian:12 AS build
          FROM scratch
          COPY --from=build /app /
          COPY / /

          """),
      ])
  }
}
