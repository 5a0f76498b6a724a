import Diagnostics
package import DockerfileSyntax

/// DL3045: COPY to a relative path in a stage without WORKDIR.
package struct RelativeCopyDestination: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3045", "relative-copy-destination"), .warning, visits: [.from, .copy, .workdir],
    summary: "COPY to a relative path in a stage without WORKDIR")

  private var stages: StageNames?
  /// The numbers of the stages that have a working directory.
  private var prepared: Set<Int> = []
  /// The image of the stage, unless it is another stage.
  private var image: Word?

  /// The same for strict mode, by name of stage or image.
  private var strictStage: [UInt8]?
  private var strictlyPrepared: Set<[UInt8]> = []
  private var isPreparedOutside = false

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from(let from): start(from, context)
    case .workdir:
      if let number = stages.map({ $0.count - 1 }) { prepared.insert(number) }
      if let strictStage { strictlyPrepared.insert(strictStage) } else { isPreparedOutside = true }
    case .copy(let transfer):
      guard let destination = transfer.parts(isStrict: context.isStrict)?.destination,
        !destination.isAbsolutePath,
        !isPrepared(context), !context.isMisplaced(instruction)
      else { return }
      findings.report(
        Diagnostic(
          Self.metadata.code, .warning,
          "where `\(destination.string)` is depends on the base image's working directory",
          at: destination.range, help: "set WORKDIR above, or write the path from the root"),
        at: instruction.index)
    default: break
    }
  }

  private mutating func start(_ from: From, _ context: LintContext) {
    var names = stages ?? StageNames(isStrict: context.isStrict)
    let parent = from.image.flatMap { names.parent($0) }
    if let parent, prepared.contains(parent) { prepared.insert(names.count) }
    image = parent == nil ? from.image : nil
    names.add(from)
    stages = names
    guard context.isStrict, let base = from.image else { return }
    // hadolint keeps what it knows under the stage's name, or the image's when there is none.
    let parentName = Array(ImageName(base.bytes, isStrict: true).name)
    let name = from.name?.bytes ?? parentName
    if strictlyPrepared.contains(parentName) {
      strictlyPrepared.insert(name)
    } else {
      strictlyPrepared.remove(name)
    }
    strictStage = name
  }

  private func isPrepared(_ context: LintContext) -> Bool {
    if context.isStrict { return strictStage.map { strictlyPrepared.contains($0) } ?? isPreparedOutside }
    if let number = stages.map({ $0.count - 1 }), prepared.contains(number) { return true }
    guard let image, !image.hasVariable else { return false }
    return context.environment.imageFacts(image.string)?.hasWorkingDirectory ?? false
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        COPY to a path that starts with neither a slash, nor a variable, nor a drive, in a stage that has no WORKDIR \
        above, nor has the stage it is built from. If the base image is at hand, its working directory counts.
        """,
      why: """
        The files land in the working directory of the base image, which this file does not say and the image can \
        change.
        """,
      instead: "Set WORKDIR above, or write the path from the root.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#copy",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          COPY package.json «.»
          COPY src «app/»

          """),
        .good(
          """
          FROM debian:12 AS base
          WORKDIR /app
          FROM base
          COPY package.json .
          FROM debian:12
          COPY src /app/
          COPY src $DIR

          """),
      ],
      differences: [
        HadolintDifference(
          "A stage without a name has nothing to do with another one of the same image.",
          "FROM a:1\nWORKDIR /x\nFROM a:1\nCOPY a b\n", ours: [4], strict: []),
        HadolintDifference(
          "Letter case does not count in names of stages.",
          "FROM a:1 AS B\nWORKDIR /x\nFROM b\nCOPY a b\n", ours: [], strict: [4]),
      ])
  }
}
