import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3021: COPY of several files to something that is not written as a folder.
package struct CopyDestinationWithoutSlash: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3021", "copy-destination-without-slash"), .error, fix: .safe, visits: [.copy],
    visitsTriggers: true,
    summary: "COPY of several files to a destination without a slash at the end")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    // hadolint does not look into ONBUILD for this.
    if context.isStrict, context.isTrigger(instruction) { return }
    guard case .copy(let transfer) = instruction.details,
      let (sources, destination) = transfer.parts(isStrict: context.isStrict),
      !context.isMisplaced(instruction),
      sources > 1 || (context.isStrict && Self.hasUnreadFlag(instruction))
    else { return }
    let text = destination.unquoted
    if context.isStrict
      ? Self.isFolderForHadolint(text, instruction, transfer)
      : text.last == 0x2F || text.elementsEqual([0x2E])
    {
      return
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .error,
        "several files need a folder to go to, which is written with a slash at its end",
        at: destination.range, fixIts: [Self.fix(destination, context)].compactMap(\.self)),
      at: instruction.index)
  }

  private static func isFolderForHadolint(
    _ text: ArraySlice<UInt8>, _ instruction: Instruction, _ transfer: Transfer
  ) -> Bool {
    // Behind a flag that it cannot read, it takes the brackets of the exec form for parts of paths.
    text.last == 0x2F && !(transfer.isExec && hasUnreadFlag(instruction))
  }

  /// Whether hadolint takes a flag, or what follows its name, for a source: it takes true and false as they are written,
  /// and any word that starts like a flag, has no value and is none.
  private static func hasUnreadFlag(_ instruction: Instruction) -> Bool {
    instruction.flags.contains { flag in
      guard let value = flag.value else { return flag.name != "link" && flag.name != "parents" }
      let isSwitch = flag.name == "link" || flag.name == "parents"
      return isSwitch && value.string != "true" && value.string != "false"
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
          "Inside ONBUILD it is the same mistake, in the build that comes later.",
          "FROM a:1\nONBUILD COPY a b /c\n", ours: [2], strict: []),
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
