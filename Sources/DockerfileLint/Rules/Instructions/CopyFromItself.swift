import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3023: a stage that copies from itself.
package struct CopyFromItself: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3023", "copy-from-itself"), .error, visits: [.from, .copy],
    summary: "a stage that copies from itself")

  private var name: Word?
  private var count = 0

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if case .from(let from) = instruction.details {
      name = from.name
      count += 1
    }
    guard count > 0, case .copy = instruction.details, let source = instruction.flag("from")?.value else {
      return
    }
    let isName = name.map {
      context.isStrict ? $0.bytes == source.bytes : $0.lowercasedBytes == source.lowercasedBytes
    }
    guard isName ?? false || (!context.isStrict && source.bytes.elementsEqual("\(count - 1)".utf8)) else {
      return
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "a stage cannot copy from itself", at: source.range,
        help: "name another stage; what is in this one already is copied with RUN and cp"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`COPY --from` with the name of the stage in which it stands.",
      why: "The stage would have to be ready before it is. The build stops there.",
      instead: "Name another stage, or use cp in a RUN for files that the stage has already.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#copy---from",
      ],
      examples: [
        .bad(
          """
          FROM golang:1.24 AS build
          COPY --from=«build» /go /app
          FROM debian:12
          COPY --from=build /go /app

          """),
        .good(
          """
          FROM golang:1.24 AS build
          FROM debian:12 AS run
          COPY --from=build /go /app

          """),
      ],
      differences: [
        HadolintDifference(
          "Letter case does not count in names of stages, and a stage has a number as well.",
          "FROM a:1 AS b\nCOPY --from=B /a /c\nCOPY --from=0 /a /c\n", ours: [2, 3], strict: [])
      ])
  }
}
