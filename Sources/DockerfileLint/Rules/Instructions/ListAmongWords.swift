import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF123: a list in brackets that the builder takes for names.
package struct ListAmongWords: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF123", "list-among-words"), .warning, fix: .unsafe, visits: [.volume, .copy, .add],
    summary: "brackets and quotes that are no list, but part of a name")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let words: [Word]
    switch instruction.details {
    case .volume(let volumes): words = volumes
    case .copy(let transfer), .add(let transfer):
      // A here-document is no word that could be in a list.
      guard let destination = transfer.destination, !transfer.isExec,
        transfer.paths.count == transfer.sources.count
      else { return }
      words = transfer.paths + [destination]
    default: return
    }
    // What was a string of a list, or goes over several lines, is not looked into.
    guard words.allSatisfy(\.isVerbatim), let list = Self.list(in: words),
      !context.isMisplaced(instruction)
    else { return }
    let place = ByteRange(words[list.lowerBound].range.lower, words[list.upperBound].range.upper)
    let all = ByteRange(words[0].range.lower, words[words.count - 1].range.upper)
    let names =
      words[..<list.lowerBound].map(\.bytes) + Self.items(words[list])
      + words[(list.upperBound + 1)...].map(\.bytes)
    let fixIt = PlainCommand.execForm(names).flatMap { form in
      FixIt("write one list of all", .unsafe, [Edit(all, form)])
    }
    let keyword = instruction.kind.keyword
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "this is no list, but part of what \(keyword) names: the brackets count as letters", at: place,
        help: fixIt == nil
          ? "a list is all that \(keyword) has behind its options, with every word in double quotes" : nil,
        fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  /// The words from a bracket to the one that closes it, unless it is a pattern such as `[ab].txt`.
  private static func list(in words: [Word]) -> ClosedRange<Int>? {
    guard let first = words.firstIndex(where: { $0.bytes.first == 0x5B }) else { return nil }
    // Each bracket alone: `[ab].txt x[0-9]` are two patterns.
    let brackets = words[first...].enumerated().first { offset, word in
      word.bytes.dropFirst(offset == 0 ? 1 : 0).contains { $0 == 0x5B || $0 == 0x5D }
    }
    guard let (offset, closing) = brackets, closing.bytes.last == 0x5D,
      closing.bytes.dropFirst(offset == 0 ? 1 : 0).count(where: { $0 == 0x5B || $0 == 0x5D }) == 1
    else { return nil }
    let last = first + offset
    let hasQuotes = words[first...last].contains { $0.bytes.contains(where: isQuote) }
    return hasQuotes || last > first ? first...last : nil
  }

  /// What stands between the brackets.
  private static func items(_ words: ArraySlice<Word>) -> [[UInt8]] {
    Array(words.map(\.bytes).joined(separator: [0x20]).dropFirst().dropLast())
      .split { $0 == 0x20 || $0 == 0x2C || isQuote($0) }.map(Array.init)
  }

  private static func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        VOLUME, COPY or ADD with something in brackets that looks like a list of strings and is none: other words stand \
        beside it, or its strings are not in double quotes. Patterns such as `[ab].txt` are no finding.
        """,
      why: """
        Only a JSON array that is all of the arguments is a list. Anything else is read word by word, and the brackets, \
        commas and quotes become part of the names: `VOLUME /v ["x"]` makes a volume called `[x]`.
        """,
      instead:
        "Put everything into one list, every word in double quotes, or write the words without brackets.",
      fixSafety: "Unsafe: what was meant is a guess, and the image gets other files or volumes.",
      sources: ["https://docs.docker.com/reference/dockerfile/#volume"],
      examples: [
        .bad(
          """
          FROM debian:12
          VOLUME /v «["x"]»
          VOLUME «['/data', '/log']»
          COPY a «[b, /c/]»

          """,
          unsafelyFixed: """
            FROM debian:12
            VOLUME ["/v", "x"]
            VOLUME ["/data", "/log"]
            COPY ["a", "b", "/c/"]

            """),
        .good(
          """
          FROM debian:12
          VOLUME ["/v", "/x"]
          COPY [ab].txt file[0-9] /c/
          COPY ["a b", "/c/"]

          """),
      ])
  }
}
