import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3022: COPY from something that is no earlier stage.
package struct CopyFromUnknownStage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3022", "copy-from-unknown-stage"), .warning, visits: [.from, .copy],
    summary: "COPY from something that is no earlier stage")

  private var stages: StageNames?

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    var stages = stages ?? StageNames(isStrict: context.isStrict)
    if case .from(let from) = instruction.details { stages.add(from) }
    self.stages = stages
    guard case .copy = instruction.details, let source = instruction.flag("from")?.value,
      !source.bytes.isEmpty,
      !source.unquoted.contains(0x3A), stages.number(of: source.bytes) == nil,
      !Self.isNumber(source.bytes, below: stages.count, context)
    else { return }
    // The parser says that a variable cannot stand here.
    if !context.isStrict, source.hasVariable { return }
    let guess = nearest(to: source.bytes, among: stages.all)?.candidate
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "there is no stage `\(source.string)` above" + (guess.map { "; did you mean `\($0)`?" } ?? ""),
        at: source.range,
        help: guess == nil
          ? "if it is an image, write its version behind a colon; if it is a stage, move it up" : nil),
      at: instruction.index)
  }

  /// Whether a text is the number of a stage; for hadolint it is enough that it starts with one.
  private static func isNumber(_ text: [UInt8], below count: Int, _ context: LintContext) -> Bool {
    let digits = text.prefix(while: \.isASCIIDigit)
    guard !digits.isEmpty, context.isStrict || digits.count == text.count else { return false }
    return Int(String(decoding: digits, as: UTF8.self)).map { $0 < count } ?? false
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `COPY --from` with something that is neither the name nor the number of a stage above, and has no colon in it \
        as images with a version have.
        """,
      why: """
        A name that is no stage is taken for an image. A misspelt stage is then looked for in a registry, where somebody \
        else may have put something under that name.
        """,
      instead: "Name a stage that is defined above. Write images with their version.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#copy---from",
      ],
      examples: [
        .bad(
          """
          FROM golang:1.24 AS build
          FROM debian:12
          COPY --from=«biuld» /app /app
          COPY --from=«nginx» /etc/nginx /etc/nginx
          COPY --from=«2» /app /app

          """),
        .good(
          """
          FROM golang:1.24 AS build
          FROM debian:12
          COPY --from=build /app /app
          COPY --from=0 /app /app
          COPY --from=nginx:1.29 /etc/nginx /etc/nginx

          """),
      ],
      differences: [
        HadolintDifference(
          "Letter case does not count in names of stages.",
          "FROM a:1 AS Build\nFROM b:1\nCOPY --from=build /a /b\n", ours: [], strict: [3]),
        HadolintDifference(
          "A variable cannot be used there at all: that is the parser's error DL1000, and one mistake is one finding.",
          "FROM a:1 AS b\nFROM b\nCOPY --from=$X /a /b\n", ours: [], strict: [3]),
      ])
  }
}
