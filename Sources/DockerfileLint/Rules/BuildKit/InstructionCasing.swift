import Diagnostics
import DockerfileSyntax
import SourceText

/// ConsistentInstructionCasing: a keyword in another letter case than most keywords of the file.
package struct InstructionCasing: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("ConsistentInstructionCasing", "consistent-instruction-casing"), .warning, fix: .safe,
    summary: "a keyword in another letter case than most keywords of the file")

  package init() {}

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    // ARG above the first FROM belongs to no stage, and is not looked at.
    let dockerfile = context.dockerfile
    var cases: [(index: Int, letterCase: LetterCase)] = []
    var lower = 0
    var upper = 0
    let instructions = dockerfile.instructions
    for index in dockerfile.preamble.upperBound..<instructions.count
    where instructions[index].kind != .unknown {
      let letterCase = LetterCase(dockerfile.source.bytes(in: instructions[index].syntax.keyword))
      switch letterCase {
      case .lower: lower += 1
      case .upper: upper += 1
      case .mixed: break
      }
      cases.append((index, letterCase))
    }
    let majority: LetterCase = lower > upper ? .lower : .upper
    for (index, letterCase) in cases where letterCase != majority {
      report(instructions[index], isLower: majority == .lower, context, &findings)
    }
  }

  private func report(
    _ instruction: Instruction, isLower: Bool, _ context: LintContext, _ findings: inout Findings
  ) {
    let keyword = instruction.syntax.keyword
    let replacement = isLower ? instruction.kind.keyword.lowercased() : instruction.kind.keyword
    // A continuation may lie inside the keyword.
    let isWhole = keyword.count == replacement.utf8.count
    let fixIt = isWhole ? FixIt("write \(replacement)", .safe, [Edit(keyword, replacement)]) : nil
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the keywords of this file are in \(isLower ? "small letters" : "capitals"), but not this one",
        at: keyword, fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A keyword that is in capitals where most are in small letters, the other way round, or one that mixes them. \
        With as many of the one as of the other, capitals are right. ARG above the first FROM, and what stands behind \
        ONBUILD, is not looked at.
        """,
      why: "The eye finds instructions by their shape.",
      instead: "Write all keywords in the same case; capitals are the custom.",
      fixSafety: "Always safe: the build does not mind the letter case.",
      sources: ["https://docs.docker.com/reference/build-checks/consistent-instruction-casing/"],
      examples: [
        .bad(
          """
          FROM debian:12
          «run» make
          COPY a b
          «Copy» c d

          """,
          fixed: """
            FROM debian:12
            RUN make
            COPY a b
            COPY c d

            """),
        .good(
          """
          ARG VERSION=12
          from debian:12
          run make
          onbuild RUN make install

          """),
      ])
  }
}
