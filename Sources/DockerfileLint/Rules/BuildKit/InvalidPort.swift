import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF119: a word of EXPOSE that is no port.
package struct InvalidPort: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF119", "invalid-port"), .error, visits: [.expose],
    summary: "a word of EXPOSE that is no port")

  private var candidates: [Instruction] = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    candidates.append(instruction)
  }

  /// Waits for the rules on misplaced arguments, which explain a whole instruction.
  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    for instruction in candidates {
      guard case .expose(let words) = instruction.details, !findings.isClaimed(instruction.index) else {
        continue
      }
      if words.allSatisfy({ ArgumentShape.isPortNumber($0.bytes) }) { continue }
      var failures: [(word: Word, clause: String)] = []
      for (word, text) in ExposedWords.all(of: words, at: instruction.index, context) {
        // One mistake is one finding.
        if PortOutOfRange.flags(word) { continue }
        do throws(PortSpecification.Failure) {
          _ = try PortSpecification(parsing: text)
        } catch {
          failures.append((word, Self.clause(error, text)))
        }
      }
      guard let first = failures.first else { continue }
      findings.report(
        Diagnostic(
          Self.metadata.code, .error, first.clause, at: first.word.range,
          notes: failures.dropFirst().map { Note($0.clause, at: $0.word.range) },
          help: "write a number from 1 to 65535 or a range, like `8080`, `53/udp` or `7000-7010`"),
        at: instruction.index)
    }
  }

  private static func clause(_ failure: PortSpecification.Failure, _ text: String) -> String {
    let shown = String(text.prefix(60))
    return switch failure {
    case .noPort: "there is no port in `\(shown)`"
    case .invalidPort(let port): "`\(port.prefix(60))` is no port and no range of ports"
    case .unknownProtocol(let name): "`\(name.prefix(60))` is no protocol: there are tcp, udp and sctp"
    case .invalidAddress(let address): "`\(address.prefix(60))` is no IP address"
    case .unequalRanges: "the two ranges in `\(shown)` have different lengths"
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A word of EXPOSE that, once its variables are replaced, is no port number and no range of them, has \
        another protocol than tcp, udp and sctp, or an impossible address before it. A path or a name in place of the \
        ports, and a number above 65535, are findings of their own.
        """,
      why: "The build stops there.",
      instead: "Write the number of the port that the program listens on.",
      sources: ["https://docs.docker.com/reference/dockerfile/#expose"],
      examples: [
        .bad(
          """
          FROM debian:12
          EXPOSE 80 «81/tpc» ‹9-8›
          EXPOSE «80:»

          """),
        .good(
          """
          FROM debian:12
          ARG PORT
          EXPOSE 80 81/udp 7000-7010/sctp $PORT

          """),
      ])
  }
}
