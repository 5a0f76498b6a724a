import Diagnostics
package import DockerfileSyntax
import SourceText

/// NoEmptyContinuation: an empty line inside an instruction.
package struct EmptyContinuation: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("NoEmptyContinuation", "no-empty-continuation"), .warning, fix: .safe,
    visits: InstructionKind.allCases, summary: "an empty line inside an instruction")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard !instruction.syntax.isContiguous || mayEndOpen(instruction, context) else { return }
    let lines = Self.emptyLines(instruction.syntax, context.tree)
    guard let first = lines.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "an empty line lies inside the instruction; builders still pass over it, but are going to refuse it",
        at: first, notes: lines.dropFirst().map { Note("here too", at: $0) },
        fixIts: [FixIt("remove the empty line", .safe, lines.map { Edit($0, "") })].compactMap(\.self)),
      at: instruction.index)
  }

  /// Whether a continuation may stand behind the last argument.
  private func mayEndOpen(_ instruction: Instruction, _ context: LintContext) -> Bool {
    let tokens = instruction.syntax.tokens.indices
    return context.tree.tokens[tokens].contains { $0.kind == .continuation }
  }

  /// The empty lines of an instruction, each with its line end.
  private static func emptyLines(_ node: InstructionSyntax, _ tree: SyntaxTree) -> [ByteRange] {
    var lines: [ByteRange] = []
    var isBetween = false
    /// Where the line starts that has had no byte but blanks so far.
    var start: UInt32?
    for index in node.tokens.indices {
      let range = tree.range(ofToken: index)
      switch tree.tokens[index].kind {
      case .continuation:
        isBetween = true
        start = range.upper
      case .space: if !isBetween { start = nil }
      case .newline:
        if isBetween {
          if let start { lines.append(ByteRange(start, range.upper)) }
          start = range.upper
        }
      case .comment: start = nil
      default:
        isBetween = false
        start = nil
      }
    }
    return lines
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A line with nothing, or nothing but blanks, between the lines of an instruction. Comment lines are fine. BuildKit \
        gives the last line of the instruction as the place.
        """,
      why: """
        It looks like the end of the instruction and is none. BuildKit has announced that it will become an error.
        """,
      instead: "Remove the line, or make it a comment with nothing behind the `#`.",
      fixSafety: "Always safe: the line is no part of the instruction's text.",
      sources: ["https://docs.docker.com/reference/build-checks/no-empty-continuation/"],
      examples: [
        .bad(
          #"""
          FROM debian:12
          RUN make \
          «
          »    # now the rest
          ‹
          ›    && make install

          """#,
          fixed: #"""
            FROM debian:12
            RUN make \
                # now the rest
                && make install

            """#),
        .good(
          #"""
          FROM debian:12
          RUN make \
              # now the rest
              #
              && make install

          RUN <<EOF
          one

          two
          EOF

          """#),
      ])
  }
}
