import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3049: a stage without a label of the settings.
package struct MissingLabel: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3049", "missing-label"), .info, visits: [.from, .copy, .label],
    summary: "a stage without a label that the settings ask for")

  private struct Stage {
    let instruction: Int
    let image: Word
    let name: [UInt8]?
    /// What the name of the stage below would be.
    let parent: [UInt8]
  }
  private enum Event {
    case stage(Int)
    case copy(from: [UInt8])
    case labels(Set<String>)
  }
  private var stages: [Stage] = []
  private var events: [Event] = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard !context.settings.labelSchema.isEmpty else { return }
    let isStrict = context.isStrict
    switch instruction.details {
    case .from(let from):
      guard let image = from.image else { return }
      let parent = isStrict ? Array(ImageName(image.bytes, isStrict: true).name) : image.lowercasedBytes
      let name = isStrict ? from.name?.bytes : from.name?.lowercasedBytes
      events.append(.stage(stages.count))
      stages.append(Stage(instruction: instruction.index, image: image, name: name, parent: parent))
    case .copy where !stages.isEmpty:
      guard let source = instruction.flag("from")?.value else { return }
      events.append(.copy(from: isStrict ? source.bytes : source.lowercasedBytes))
    case .label(let labels) where !stages.isEmpty:
      events.append(
        .labels(
          Set(labels.map { String(decoding: context.text(of: $0.name) ?? $0.name.bytes, as: UTF8.self) })))
    default: break
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    guard !stages.isEmpty else { return }
    for label in context.settings.labelSchema.keys.sorted() {
      for stage in self.stages(without: label, context) {
        findings.report(
          Diagnostic(
            Self.metadata.code, .info, "the stage has no label `\(label)`", at: stages[stage].image.range,
            help: "add it with LABEL"),
          at: stages[stage].instruction)
      }
    }
  }

  /// The stages that lack a label and are not the ground or the tool of one that has it.
  private func stages(without label: String, _ context: LintContext) -> [Int] {
    var isMissing = [Bool](repeating: false, count: stages.count)
    /// The stages of each name that lack it, and the names of those that have it.
    var missing: [[UInt8]: [Int]] = [:]
    var good: Set<[UInt8]> = []
    func excuse(_ name: [UInt8]) -> [Int] {
      let excused = missing.removeValue(forKey: name) ?? []
      for stage in excused { isMissing[stage] = false }
      return excused
    }
    var current = 0
    for event in events {
      switch event {
      case .stage(let stage):
        current = stage
        if good.contains(stages[stage].parent) {
          if let name = stages[stage].name { good.insert(name) }
        } else {
          isMissing[stage] = true
          if let name = stages[stage].name { missing[name, default: []].append(stage) }
        }
      case .copy(let source):
        _ = excuse(source)
        if !context.isStrict, let number = Int(String(decoding: source, as: UTF8.self)), number >= 0,
          number < current
        {
          isMissing[number] = false
        }
      case .labels(let names) where names.contains(label):
        isMissing[current] = false
        if let name = stages[current].name { good.insert(name) }
        if context.isStrict {
          _ = excuse(stages[current].name ?? stages[current].parent)
        } else {
          var open = [current]
          while let stage = open.popLast() { open += excuse(stages[stage].parent) }
        }
      case .labels: break
      }
    }
    return isMissing.indices.filter { isMissing[$0] }
  }

  package static var documentation: RuleDocumentation {
    let settings = LintSettings { $0.labelSchema = ["com.example.team": .text] }
    return RuleDocumentation(
      what: """
        A stage that has not all labels of the settings, itself or from a stage it is built from. Stages that others \
        copy from, and those that a stage with the label is built from, are not flagged.
        """,
      why: "Whoever looks for images by their labels does not find this one.",
      instead: "Add the label with LABEL.",
      sources: ["https://github.com/hadolint/hadolint"],
      examples: [
        .bad(
          """
          FROM debian:12 AS build
          FROM «debian:12» AS other
          FROM debian:12
          COPY --from=build /a /b
          LABEL com.example.team=x

          """, settings: settings),
        .good(
          """
          FROM debian:12 AS base
          LABEL "com.example.team"=x
          FROM base AS app
          FROM app

          """, settings: settings),
        .good("FROM debian:12\n"),
      ],
      differences: [
        HadolintDifference(
          "A stage may be copied from by its number.",
          "FROM a:1\nFROM b:1\nCOPY --from=0 /a /b\nLABEL com.example.team=x\n", ours: [], strict: [1],
          settings: settings),
        HadolintDifference(
          "What a stage with the label is built from needs none, whether or not that stage has a name.",
          "FROM a:1 AS base\nFROM base AS app\nLABEL com.example.team=x\n", ours: [], strict: [1],
          settings: settings),
        HadolintDifference(
          "Letter case does not count in names of stages.",
          "FROM a:1 AS B\nLABEL com.example.team=x\nFROM b\n", ours: [], strict: [3], settings: settings),
      ])
  }
}
