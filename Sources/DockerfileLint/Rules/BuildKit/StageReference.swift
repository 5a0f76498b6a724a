import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF104: `--from` that means no stage which could be copied from.
package struct StageReference: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF104", "impossible-stage-reference"), .error, fix: .unsafe, visits: [.copy, .run],
    summary: "`--from` of the stage itself, a later one, or one that does not exist")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let stage = context.dockerfile.stage(of: instruction.index) else { return }
    switch instruction.details {
    case .copy:
      guard let from = instruction.flag("from")?.value, !from.bytes.isEmpty else { return }
      check(from, stage, isMount: false, instruction, context, &findings)
    case .run(let run):
      for mount in run.mounts {
        guard let from = mount.value("from"), !from.isEmpty else { continue }
        let word = Word(from, at: place(of: from, in: mount, context), isVerbatim: false)
        check(word, stage, isMount: true, instruction, context, &findings)
      }
    default: break
    }
  }

  /// Where the value of `from` stands in `--mount`; all of the flag's value where that is not plain to see.
  private func place(of value: [UInt8], in mount: MountSpecification, _ context: LintContext) -> ByteRange {
    let text = context.tree.source.bytes(in: mount.range)
    let field = Array("from=".utf8) + value
    guard let first = field.first else { return mount.range }
    for start in text.indices where text[start] == first && text[start...].starts(with: field) {
      let end = start + field.count
      let isField = start == text.startIndex || text[start - 1] == 0x2C
      if isField, end == text.endIndex || text[end] == 0x2C { return ByteRange(start + 5, end) }
    }
    return mount.range
  }

  private func check(
    _ word: Word, _ stage: Dockerfile.Stage, isMount: Bool, _ instruction: Instruction,
    _ context: LintContext,
    _ findings: inout Findings
  ) {
    let name = word.string
    let count = context.dockerfile.stages.count
    let isNumber = word.bytes.allSatisfy(\.isASCIIDigit)
    var help: String?
    var fixIt: FixIt?
    let message: String
    if isNumber, isMount {
      message = "`from` of a mount takes the name of a stage or an image, and no number"
      help = "give the stage a name with `FROM … AS name`, and write that name"
    } else if isNumber, Int(name).map({ $0 >= count }) ?? true {
      message =
        "there is no stage \(name): the file has \(count == 1 ? "one stage, number 0" : "\(count), from 0 to \(count - 1)")"
    } else if let target = context.dockerfile.stage(named: name) {
      guard target.number >= stage.number else { return }
      if target.number == stage.number {
        message = "the stage takes something from itself, before it is built"
        help = "what the stage has already can be copied with RUN cp"
      } else {
        let line = context.line(of: context.dockerfile.instructions[target.start])
        message =
          "the stage `\(name)` (line \(line)) comes later, and only what stands above can be taken from"
        help = "move that stage up"
      }
    } else {
      guard let candidate = suggestion(for: word, context) else { return }
      message = "there is no stage `\(name)`, so this is taken for an image; did you mean `\(candidate)`?"
      fixIt = word.isVerbatim ? FixIt("write \(candidate)", .unsafe, [Edit(word.range, candidate)]) : nil
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, message, at: word.range, help: help, fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  /// The stage that is meant by a name one letter off; nil for what may well be an image.
  private func suggestion(for word: Word, _ context: LintContext) -> String? {
    let isPlain = word.bytes.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x5F }
    guard isPlain, word.bytes.count > 3 else { return nil }
    let stages = context.dockerfile.stages
    guard
      let found = nearest(to: word.bytes, among: stages.compactMap(\.name)), found.distance == 1,
      // `golang1` built from golang is not what golang is misspelt for.
      !stages.contains(where: { $0.from.image.map { $0.bytes.starts(with: word.bytes) } ?? false })
    else { return nil }
    // A digit more or less distinguishes names, and is no slip of the finger.
    let digits = found.candidate.utf8.filter(\.isASCIIDigit)
    return digits.elementsEqual(word.bytes.filter(\.isASCIIDigit)) ? found.candidate : nil
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `COPY --from` or `RUN --mount=from=` that means the stage it stands in, a later stage, a number that no stage has, \
        or, in a mount, any number; and a name without a stage that is one letter away from one.
        """,
      why: """
        Stages are built from top to bottom. A name that no stage has is taken for an image, which is then fetched from a \
        registry.
        """,
      instead: "Give the stage a name and a place above, and write that name.",
      fixSafety: "Unsafe: it writes the name of the stage that comes nearest.",
      sources: [
        "https://docs.docker.com/reference/dockerfile/#copy---from",
        "https://docs.docker.com/build/building/multi-stage/",
      ],
      examples: [
        .bad(
          """
          FROM golang:1.25 AS build
          COPY --from=«build» /a /b
          COPY --from=«final» /a /b
          FROM scratch AS final
          COPY --from=«biuld» /a /b
          COPY --from=«2» /a /b
          RUN --mount=from=«0»,target=/a cp /a/b /c

          """,
          unsafelyFixed: """
            FROM golang:1.25 AS build
            COPY --from=build /a /b
            COPY --from=final /a /b
            FROM scratch AS final
            COPY --from=build /a /b
            COPY --from=2 /a /b
            RUN --mount=from=0,target=/a cp /a/b /c

            """),
        .good(
          """
          FROM golang:1.25 AS build
          FROM scratch
          COPY --from=build /a /b
          COPY --from=0 /a /b
          COPY --from=busybox:1.37 /a /b
          RUN --mount=from=build,target=/a ["/a/b"]

          """),
      ])
  }
}
