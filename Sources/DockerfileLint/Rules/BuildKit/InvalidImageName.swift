import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF117: what can be no image stands where an image must.
package struct InvalidImageName: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF117", "invalid-image-name"), .error, fix: .safe, visits: [.from, .copy, .run],
    summary: "the name of an image that no image can have")

  /// Ways to name an image on the disk, which Slipway's own builder knows.
  private static let schemes = ["oci-layout:", "oci-archive:", "docker-archive:"]
  /// The names of the stages so far.
  private var stages: Set<[UInt8]> = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from(let from):
      if let image = from.image { check(from: image, instruction, context, &findings) }
      if let name = from.name { stages.insert(name.bytes.map(\.asciiLowercased)) }
    case .copy:
      guard let from = instruction.flag("from")?.value, !from.hasVariable else { return }
      check(from: from, from.bytes, instruction, context, &findings)
    case .run(let run):
      for mount in run.mounts {
        guard let from = mount.value("from"), !from.contains(0x24) else { continue }
        check(from: Word(from, at: mount.range, isVerbatim: false), from, instruction, context, &findings)
      }
    default: break
    }
  }

  private func check(
    from word: Word, _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    // Names with variables are looked at by InvalidDefaultArgInFrom and UndefinedArgInFrom.
    guard !word.hasVariable, !context.brokenInstructions.contains(instruction.index),
      case .known(let name) = context.stageBases.globals.text(of: word, escape: context.tree.escape),
      !findings.isClaimed(instruction.index), let problem = problem(name)
    else { return }
    let lowercased = name.map(\.asciiLowercased)
    guard stages.contains(lowercased) else {
      return report(problem, word, instruction, &findings)
    }
    let small = String(decoding: lowercased, as: UTF8.self)
    let fixIt =
      word.isVerbatim && word.bytes == name
      ? FixIt("write small letters", .safe, [Edit(word.range, lowercased)]) : nil
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "FROM knows the stage as `\(small)` only; with capitals it is taken for an image, which cannot have that name",
        at: word.range, fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  private func check(
    from word: Word, _ name: [UInt8], _ instruction: Instruction, _ context: LintContext,
    _ findings: inout Findings
  ) {
    guard !name.isEmpty, let problem = problem(name),
      context.dockerfile.stage(named: String(decoding: name, as: UTF8.self)) == nil
    else { return }
    report(problem, word, instruction, &findings)
  }

  private func problem(_ name: [UInt8]) -> ImageNameProblem? {
    if Self.schemes.contains(where: { name.starts(with: $0.utf8) }) { return nil }
    return ImageNameProblem(name)
  }

  private func report(
    _ problem: ImageNameProblem, _ word: Word, _ instruction: Instruction, _ findings: inout Findings
  ) {
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "no image can have this name: \(problem.clause)", at: word.range,
        help: "a name looks like `node`, `node:22-slim` or `registry.example.com/team/app:1.0`"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A base, `COPY --from` or `from` of a mount, without variables and not a stage, that breaks the grammar of image \
        names; and FROM of a stage whose name is written with capitals.
        """,
      why: "The build stops there.",
      instead: "Write the name as `docker pull` takes it: small letters, and a version behind a colon.",
      fixSafety: "Safe for a stage's name, which is put in small letters. Everything else gets no fix.",
      sources: [
        "https://github.com/distribution/reference/blob/main/reference.go",
        "https://docs.docker.com/reference/dockerfile/#from",
      ],
      examples: [
        .bad(
          """
          FROM «Node:22» AS Build
          FROM «Build»
          FROM «node:»
          FROM «https://registry.example.com/app»
          COPY --from=«app/» /a /b

          """,
          fixed: """
            FROM Node:22 AS Build
            FROM build
            FROM node:
            FROM https://registry.example.com/app
            COPY --from=app/ /a /b

            """),
        .good(
          """
          FROM node:22 AS build
          FROM localhost:5000/team/app:1.0@sha256:0000000000000000000000000000000000000000000000000000000000000000
          FROM build
          COPY --from=Build /a /b

          """),
      ])
  }
}
