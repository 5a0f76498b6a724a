import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3021: COPY of several files to something that is not written as a folder.
package struct CopyDestinationWithoutSlash: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3021", "copy-destination-without-slash"), .error, fix: .safe, visits: [.copy],
    summary: "COPY of several files to a destination without a slash at the end")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .copy(let transfer) = instruction.details,
      let (sources, destination) = transfer.parts(isStrict: context.isStrict),
      !context.isMisplaced(instruction),
      sources > 1 || (context.isStrict && Self.hasUnreadFlag(instruction))
    else { return }
    let text = destination.unquoted
    if text.last == 0x2F || (!context.isStrict && text.elementsEqual([0x2E])) { return }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "several files need a folder to go to, which is written with a slash at its end",
        at: destination.range, fixIts: [Self.fix(destination, context)].compactMap(\.self)),
      at: instruction.index)
  }

  /// Whether hadolint takes what follows a flag for a source: it reads no other value of it than true and false.
  private static func hasUnreadFlag(_ instruction: Instruction) -> Bool {
    instruction.flags.contains { flag in
      (flag.name == "link" || flag.name == "parents")
        && flag.value.map { $0.string != "true" && $0.string != "false" } ?? false
    }
  }

  private static func fix(_ destination: Word, _ context: LintContext) -> FixIt? {
    // In quotes the slash goes before the last one.
    let bytes = context.dockerfile.source.bytes(in: destination.range)
    guard let first = bytes.first, let last = bytes.last, last != context.tree.escape else { return nil }
    let isQuoted = last == 0x22 || last == 0x27
    guard !isQuoted || (bytes.count > 2 && first == last) else { return nil }
    let place = Int(destination.range.upper) - (isQuoted ? 1 : 0)
    return FixIt("put a slash at the end", .safe, [Edit(ByteRange(place, place), "/")])
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "COPY with two or more sources whose destination does not end in a slash.",
      why: """
        Without the slash the destination is a file's name, and several files cannot be one. Builders refuse it, or \
        make a folder of it without being asked.
        """,
      instead: "Put a slash behind the name of the folder.",
      fixSafety: "Safe: a folder is all that the destination can be. Two slashes are as good as one.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#copy",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          COPY a b «/app»
          COPY ["a", "b", «"/app"»]
          COPY a b «$DIR»

          """,
          fixed: """
            FROM debian:12
            COPY a b /app/
            COPY ["a", "b", "/app/"]
            COPY a b $DIR/

            """),
        .good(
          """
          FROM debian:12
          COPY a b /app/
          COPY a /app

          """),
      ],
      differences: [
        HadolintDifference(
          "A dot is the working directory, which is a folder without a slash, too.", "FROM a:1\nCOPY a b .\n",
          ours: [],
          strict: [2]),
        HadolintDifference(
          "The value of a flag is no source: true and false may be written in any letter case.",
          "FROM a:1\nCOPY --link=TRUE a /b\n", ours: [], strict: [2]),
      ])
  }
}
