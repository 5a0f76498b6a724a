import Diagnostics
package import DockerfileSyntax
import SourceText

/// LegacyKeyValueFormat: ENV or LABEL with a blank in place of the `=`.
package struct LegacyKeyValueFormat: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("LegacyKeyValueFormat", "legacy-key-value-format"), .warning, fix: .safe,
    visits: [.env, .label], summary: "ENV or LABEL with a blank between name and value")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let assignments: [Assignment]
    switch instruction.details {
    case .env(let list), .label(let list): assignments = list
    default: return
    }
    guard let first = assignments.first, first.isLegacy, let value = first.value,
      !findings.isClaimed(instruction.index)
    else { return }
    let keyword = instruction.kind.keyword
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "\(keyword) with a blank behind the name is the old way to write it; everything behind the blank is the value",
        at: first.name.range.union(value.range),
        help: "write `\(keyword) NAME=value`, with double quotes around a value that has blanks in it",
        fixIts: [fix(first.name, value, context)].compactMap(\.self)),
      at: instruction.index)
  }

  private func fix(_ name: Word, _ value: Word, _ context: LintContext) -> FixIt? {
    guard name.isVerbatim, value.isVerbatim else { return nil }
    let gap = ByteRange(name.range.upper, value.range.lower)
    guard context.dockerfile.source.bytes(in: gap).allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else {
      return nil
    }
    let bytes = value.bytes
    let hasSpace = bytes.contains { $0.isASCIISpace || $0 >= 0x80 }
    if !hasSpace || isOneString(bytes, context.tree.escape) {
      return FixIt("write an equals sign", .safe, [Edit(gap, "=")])
    }
    guard !bytes.contains(where: { $0 == 0x22 || $0 == 0x27 || $0 == context.tree.escape }) else {
      return nil
    }
    return FixIt(
      "write an equals sign and quotes", .safe,
      [Edit(gap, "=\""), Edit(ByteRange(value.range.upper, value.range.upper), "\"")])
  }

  /// Whether a value is a single string in quotes, and nothing else.
  private func isOneString(_ bytes: [UInt8], _ escape: UInt8) -> Bool {
    guard bytes.count >= 2, let quote = bytes.first, quote == 0x22 || quote == 0x27, bytes.last == quote
    else {
      return false
    }
    return !bytes[1..<(bytes.count - 1)].contains { $0 == quote || $0 == escape }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "ENV or LABEL whose first word has no `=`: a name, and the rest of the line as its value.",
      why: """
        Only one variable fits in a line, and `ENV ONE TWO= THREE=world` sets one variable to a strange value in place of \
        two. Docker's reference advises against it and keeps it for old files only.
        """,
      instead: "Write `NAME=value`.",
      fixSafety: """
        Always safe: what the value is stays as it is. A value that mixes quotes or escapes with blanks, or runs over \
        several lines, gets no fix.
        """,
      sources: [
        "https://docs.docker.com/reference/build-checks/legacy-key-value-format/",
        "https://docs.docker.com/reference/dockerfile/#env",
      ],
      examples: [
        .bad(
          #"""
          FROM debian:12
          ENV «LANG C.UTF-8»
          ENV «GREETING hello $NAME»
          LABEL «title   "a title"»
          ENV «MIXED it is "a b"»

          """#,
          fixed: #"""
            FROM debian:12
            ENV LANG=C.UTF-8
            ENV GREETING="hello $NAME"
            LABEL title="a title"
            ENV MIXED it is "a b"

            """#),
        .good(
          """
          FROM debian:12
          ENV LANG=C.UTF-8 GREETING="hello world"

          """),
      ])
  }
}
