import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3057: a stage without HEALTHCHECK.
package struct MissingHealthcheck: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3057", "missing-healthcheck"), .info, isOff: true, visits: [.from, .healthcheck],
    summary: "a stage without HEALTHCHECK")

  private struct Stage {
    let instruction: Int
    let image: Word
    /// The stage's name, or in strict mode without one the image's.
    let name: [UInt8]?
    /// What the name of the stage below would be.
    let parent: [UInt8]
    var isMissing = true
  }
  private var stages: [Stage] = []
  /// The stages of each name that still miss it.
  private var missing: [[UInt8]: [Int]] = [:]
  /// The names of stages that have it.
  private var good: Set<[UInt8]> = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if case .from(let from) = instruction.details, let image = from.image {
      let parent =
        context.isStrict ? Array(ImageName(image.bytes, isStrict: true).name) : image.lowercasedBytes
      let name = context.isStrict ? from.name?.bytes ?? parent : from.name?.lowercasedBytes
      stages.append(Stage(instruction: instruction.index, image: image, name: name, parent: parent))
      if good.contains(parent) {
        markGood(stages.count - 1)
      } else if let name {
        missing[name, default: []].append(stages.count - 1)
      }
    } else if instruction.kind == .healthcheck, !stages.isEmpty {
      // What a stage checks counts for all stages that it is built from.
      var open = [stages.count - 1]
      while let stage = open.popLast() {
        markGood(stage)
        open += missing.removeValue(forKey: stages[stage].parent) ?? []
      }
    }
  }

  private mutating func markGood(_ stage: Int) {
    stages[stage].isMissing = false
    if let name = stages[stage].name { good.insert(name) }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    for stage in stages where stage.isMissing {
      if !context.isStrict, !stage.image.hasVariable,
        context.environment.imageFacts(stage.image.string)?.hasHealthcheck ?? false
      {
        continue
      }
      findings.report(
        Diagnostic(
          Self.metadata.code, .info, "nothing in the stage says how to find out whether its program works",
          at: stage.image.range, help: "add HEALTHCHECK with a command that asks the program"),
        at: stage.instruction)
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A stage without HEALTHCHECK, unless a stage that it is built from has one, or one that is built from it. If \
        the base image is at hand, its health check counts. The rule is off until settings give it a severity.
        """,
      why:
        "Without a check a container counts as well as long as its program runs, even if it answers nothing any more.",
      instead:
        "Add HEALTHCHECK with a command that asks the program, or HEALTHCHECK NONE to say that there is none.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#healthcheck",
      ],
      examples: [
        .bad(
          """
          FROM «debian:12» AS other
          FROM debian:12 AS base
          FROM base
          HEALTHCHECK CMD ["check"]

          """),
        .good(
          """
          FROM debian:12 AS base
          HEALTHCHECK NONE
          FROM base AS app
          FROM app

          """),
      ],
      differences: [
        HadolintDifference(
          "A stage without a name has nothing to do with another one of the same image.",
          "FROM a:1\nFROM a:1\nHEALTHCHECK NONE\n", ours: [1], strict: []),
        HadolintDifference(
          "Letter case does not count in names of stages.", "FROM a:1 AS B\nHEALTHCHECK NONE\nFROM b\n",
          ours: [],
          strict: [3]),
      ])
  }
}
