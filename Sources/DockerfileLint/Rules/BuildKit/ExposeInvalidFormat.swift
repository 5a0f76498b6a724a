import Diagnostics
package import DockerfileSyntax
import SourceText

/// ExposeInvalidFormat: EXPOSE with an address or a port of the host.
package struct ExposeInvalidFormat: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("ExposeInvalidFormat", "expose-invalid-format"), .warning, fix: .safe, visits: [.expose],
    summary: "EXPOSE with an address or a port of the host")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .expose(let words) = instruction.details,
      words.contains(where: { $0.hasVariable || $0.bytes.contains(0x3A) })
    else { return }
    for (word, text) in ExposedWords.all(of: words, at: instruction.index, context) {
      guard let port = try? PortSpecification(parsing: text), let host = port.host else { continue }
      var fixIt: FixIt?
      if word.isVerbatim, word.string == text {
        let place = ByteRange(Int(word.range.lower), Int(word.range.lower) + host.utf8.count)
        fixIt = FixIt("remove what concerns the host", .safe, [Edit(place, "")])
      }
      findings.report(
        Diagnostic(
          Self.metadata.code, .warning,
          "`\(text)` names something of the host, which an image knows nothing of; that part has no effect",
          at: word.range, help: "ports of the host are chosen by `docker run --publish`",
          fixIts: [fixIt].compactMap(\.self)),
        at: instruction.index)
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "A word of EXPOSE in the form of `docker run --publish`: `host:container` or `address:host:container`.",
      why:
        "Only the port in the container is kept. BuildKit has announced that the rest will become an error.",
      instead: "Write the port that the program in the container listens on.",
      fixSafety: "Always safe: the port in the container, which is all that counts, is left.",
      sources: ["https://docs.docker.com/reference/build-checks/expose-invalid-format/"],
      examples: [
        .bad(
          """
          FROM debian:12
          EXPOSE «127.0.0.1:8080:80» «5000:5001/udp» 443

          """,
          fixed: """
            FROM debian:12
            EXPOSE 80 5001/udp 443

            """),
        .good(
          """
          FROM debian:12
          EXPOSE 80 5001/udp

          """),
      ])
  }
}
