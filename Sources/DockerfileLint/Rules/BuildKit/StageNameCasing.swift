import Diagnostics
package import DockerfileSyntax
import SourceText

/// StageNameCasing: the name of a stage with capitals.
package struct StageNameCasing: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("StageNameCasing", "stage-name-casing"), .warning, fix: .safe, visits: [.from],
    summary: "the name of a stage with capitals in it")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let name = from.name,
      name.bytes.contains(where: isCapital),
      // What can be no name at all is a parse error.
      name.bytes.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E })
    else { return }
    let lowercased = name.bytes.map(\.asciiLowercased)
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the stage `\(name.string)` has capitals in its name, which are lost: it is known in small letters only",
        at: name.range, fixIts: [fix(name, lowercased, context)].compactMap(\.self)),
      at: instruction.index)
  }

  private func isCapital(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }

  /// Changes the name and everything that is written like it and means it.
  private func fix(_ name: Word, _ lowercased: [UInt8], _ context: LintContext) -> FixIt? {
    var words = [name]
    for instruction in context.dockerfile.instructions {
      switch instruction.details {
      case .from(let from): if let image = from.image { words.append(image) }
      case .copy: if let from = instruction.flag("from")?.value { words.append(from) }
      default: break
      }
    }
    words = words.filter { $0.bytes == name.bytes }
    guard words.allSatisfy(\.isVerbatim) else { return nil }
    return FixIt("write small letters", .safe, words.map { Edit($0.range, lowercased) })
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The name behind AS in FROM, with at least one capital.",
      why: """
        The build keeps names in small letters. `COPY --from` and `--target` find the stage however it is written, but \
        `FROM` does not: it takes the name with capitals for that of an image, and refuses it.
        """,
      instead: "Write the name, and every mention of it, in small letters.",
      fixSafety:
        "Always safe: FROM and COPY --from are changed with the name where they are written like it.",
      sources: ["https://docs.docker.com/reference/build-checks/stage-name-casing/"],
      examples: [
        .bad(
          """
          FROM node:22 AS «Build»
          FROM debian:12
          COPY --from=Build /app /app

          """,
          fixed: """
            FROM node:22 AS build
            FROM debian:12
            COPY --from=build /app /app

            """),
        .good(
          """
          FROM node:22 AS build-2
          FROM debian:12

          """),
      ])
  }
}
