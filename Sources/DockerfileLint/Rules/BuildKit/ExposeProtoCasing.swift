import Diagnostics
package import DockerfileSyntax
import SourceText

/// ExposeProtoCasing: a protocol of EXPOSE with capitals.
package struct ExposeProtoCasing: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("ExposeProtoCasing", "expose-proto-casing"), .warning, fix: .safe, visits: [.expose],
    summary: "a protocol of EXPOSE with capitals in it")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .expose(let words) = instruction.details,
      words.contains(where: { $0.hasVariable || $0.bytes.contains { (0x41...0x5A).contains($0) } })
    else { return }
    for (word, text) in ExposedWords.all(of: words, at: instruction.index, context) {
      guard let port = try? PortSpecification(parsing: text) else { continue }
      let name = port.protocolName
      guard name != name.lowercased() else { continue }
      var fixIt: FixIt?
      if word.isVerbatim, word.string == text {
        let place = ByteRange(Int(word.range.upper) - name.utf8.count, Int(word.range.upper))
        fixIt = FixIt("write small letters", .safe, [Edit(place, name.lowercased())])
      }
      findings.report(
        Diagnostic(
          Self.metadata.code, .warning,
          "the protocol of `\(text)` has capitals; the image has it in small letters",
          at: word.range, fixIts: [fixIt].compactMap(\.self)),
        at: instruction.index)
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A port of EXPOSE whose protocol is not all small letters.",
      why: "The names of protocols are small letters everywhere else, and the image has them so.",
      instead: "Write `tcp`, `udp` or `sctp`.",
      fixSafety: "Always safe: the build does not mind the letter case.",
      sources: ["https://docs.docker.com/reference/build-checks/expose-proto-casing/"],
      examples: [
        .bad(
          """
          FROM debian:12
          EXPOSE «80/TCP» 81/tcp «82/Udp»

          """,
          fixed: """
            FROM debian:12
            EXPOSE 80/tcp 81/tcp 82/udp

            """),
        .good(
          """
          FROM debian:12
          EXPOSE 80 81/udp

          """),
      ])
  }
}
