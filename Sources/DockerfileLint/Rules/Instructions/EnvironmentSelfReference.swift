import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3044: ENV that uses a variable which it sets itself.
package struct EnvironmentSelfReference: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3044", "env-self-reference"), .error, visits: [.env, .arg],
    summary: "ENV that uses a variable which the same ENV sets")

  /// The variables of ARG and ENV so far.
  private var known: Set<[UInt8]> = []
  /// More of them, not looked up yet: few files ask.
  private var recent: [[UInt8]] = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .arg(let assignments):
      // hadolint reads the first name only.
      for assignment in context.isStrict ? assignments[..<min(1, assignments.count)] : assignments[...] {
        recent.append(assignment.name.bytes)
      }
    case .env(let assignments):
      let names = assignments.map { context.text(of: $0.name) ?? $0.name.bytes }
      if assignments.count > 1, assignments.contains(where: { $0.value?.hasVariable ?? false }) {
        known.formUnion(recent)
        recent = []
        check(instruction, assignments, names, context, &findings)
      }
      recent += names
    default: break
    }
  }

  private func check(
    _ instruction: Instruction, _ assignments: [Assignment], _ names: [[UInt8]], _ context: LintContext,
    _ findings: inout Findings
  ) {
    var owners: [[UInt8]: (first: Int, count: Int)] = [:]
    for (index, name) in names.enumerated() where !known.contains(name) {
      owners[name, default: (index, 0)].count += 1
    }
    var places: [(name: [UInt8], range: ByteRange)] = []
    for (index, assignment) in assignments.enumerated() {
      guard let value = assignment.value, value.hasVariable else { continue }
      for (name, indices) in context.isStrict
        ? Self.mentions(value.bytes) : Self.references(value.bytes, context)
      {
        guard let owner = owners[name], owner.count > 1 || owner.first != index else { continue }
        places.append((name, value.part(indices).range))
      }
    }
    guard let first = places.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "`\(String(decoding: first.name, as: UTF8.self))` is set by the same ENV, so it has no value here yet",
        at: first.range, notes: places.dropFirst().map { Note("nor here", at: $0.range) },
        help: "put what uses it into an ENV of its own, below"),
      at: instruction.index)
  }

  /// The variables that BuildKit replaces.
  private static func references(_ value: [UInt8], _ context: LintContext) -> [([UInt8], Range<Int>)] {
    WordTemplate(value, options: WordTemplate.Options(escape: context.tree.escape)).variables.map {
      ($0.name, $0.indices)
    }
  }

  /// All that looks like a variable: `$name` and `${name}`, in whatever quotes.
  private static func mentions(_ value: [UInt8]) -> [([UInt8], Range<Int>)] {
    var result: [([UInt8], Range<Int>)] = []
    var index = 0
    while let dollar = value[index...].firstIndex(of: 0x24) {
      var start = dollar + 1
      let hasBrace = start < value.count && value[start] == 0x7B
      if hasBrace { start += 1 }
      var end = start
      while end < value.count, value[end].isASCIILetter || value[end].isASCIIDigit || value[end] == 0x5F {
        end += 1
      }
      let isWhole = !hasBrace || (end < value.count && value[end] == 0x7D)
      if end > start, isWhole {
        result.append((Array(value[start..<end]), dollar..<end + (hasBrace ? 1 : 0)))
      }
      index = max(end, dollar + 1)
    }
    return result
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        ENV with several variables, where the value of one uses another that was set neither by an earlier ENV nor by \
        an ARG.
        """,
      why:
        "All values of one ENV are made before any of them is set. The variable is empty, or has the base image's value.",
      instead: "Use two instructions, the second of which uses what the first has set.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/dockerfile/#environment-replacement",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          ENV HOME=/app BIN=«$HOME»/bin LIB="‹${HOME}›/lib"

          """),
        .good(
          """
          FROM debian:12
          ENV ROOT=/app
          ENV ROOT=/srv BIN=$ROOT/bin
          ENV PATH=/app/bin:$PATH

          """),
      ],
      differences: [
        HadolintDifference(
          "In single quotes and behind an escape character a dollar is a dollar.",
          "FROM a:1\nENV A=1 B='$A'\nENV C=1 D=\\$C\n", ours: [], strict: [2, 3]),
        HadolintDifference(
          "A default value does not change which variable is meant.", "FROM a:1\nENV A=1 B=${A:-2}\n",
          ours: [2],
          strict: []),
      ])
  }
}
