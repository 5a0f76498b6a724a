import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3011: EXPOSE with a number that is no port.
package struct PortOutOfRange: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3011", "port-out-of-range"), .error, visits: [.expose], visitsTriggers: true,
    summary: "EXPOSE with a port above 65535")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    // hadolint does not look into ONBUILD for this.
    if context.isStrict, context.isTrigger(instruction) { return }
    guard case .expose(let ports) = instruction.details else { return }
    let wrong = ports.filter(Self.flags)
    guard let first = wrong.first else { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "`\(first.string)` is no port: the highest one is 65535", at: first.range,
        notes: wrong.dropFirst().map { Note("so is this", at: $0.range) },
        help: "write the number of the port that the program listens on"),
      at: instruction.index)
  }

  /// Whether a word of EXPOSE is flagged.
  static func flags(_ port: Word) -> Bool {
    port.bytes.count > 4
      && port.unquoted.prefix { $0 != 0x2F }.split(separator: 0x2D).contains(where: isTooLarge)
  }

  private static func isTooLarge(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.allSatisfy(\.isASCIIDigit) else { return false }
    let digits = text.drop { $0 == 0x30 }
    guard digits.count == 5 else { return digits.count > 5 }
    return "65535".utf8.lexicographicallyPrecedes(digits)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A port of EXPOSE, or an end of a range of ports, that is above 65535.",
      why: "Ports are numbers of sixteen bits. The build stops there, or nobody can ever connect.",
      instead: "Write the number of the port that the program listens on.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#expose",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          EXPOSE «65536» 80 ‹8000-80000/tcp›
          EXPOSE «99999/udp»

          """),
        .good(
          """
          FROM debian:12
          EXPOSE 65535 8000-8080/tcp $PORT

          """),
      ],
      differences: [
        HadolintDifference(
          "Inside ONBUILD it is the same mistake, in the build that comes later.",
          "FROM a:1\nONBUILD EXPOSE 70000\n", ours: [2], strict: [])
      ])
  }
}
