import SourceText

/// A shell word that may open a here-document: digits, `<<`, an optional `-`, and the delimiter.
struct HeredocOperator {
  let fileDescriptor: UInt32
  let stripsTabs: Bool
  private let rest: [UInt8]

  /// Matches the word; nil when it opens nothing.
  init?(_ word: Span<UInt8>) {
    var index = 0
    var descriptor: UInt32 = 0
    while index < word.count, word[index].isASCIIDigit {
      let (product, overflow) = descriptor.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt32(word[index] - 0x30))
      descriptor = overflow || carry ? .max : sum
      index += 1
    }
    guard index + 1 < word.count, word[index] == 0x3C, word[index + 1] == 0x3C else { return nil }
    index += 2
    stripsTabs = index < word.count && word[index] == 0x2D
    if stripsTabs { index += 1 }
    while index < word.count, word[index].isASCIISpace, word[index] != 0x0B { index += 1 }
    guard index < word.count, word.firstIndex(of: 0x3C, from: index, to: word.count) == nil else {
      return nil
    }
    fileDescriptor = descriptor
    var rest: [UInt8] = []
    for position in index..<word.count { rest.append(word[position]) }
    self.rest = rest
  }

  enum Delimiter {
    /// The word is no here-document after all.
    case none
    /// The word cannot be read.
    case invalid
    /// The delimiter, and whether the content is expanded.
    case word([UInt8], expands: Bool)
  }

  /// Reads the delimiter. It is quoted when it has fewer quotes without than with them.
  func delimiter() -> Delimiter {
    var plain = ShellWordLexer(rawQuotes: false, rawEscapes: false, escape: 0x5C)
    guard let words = plain.words(rest.span, from: 0, to: rest.count) else { return .invalid }
    guard words.count == 1 else { return .none }
    var raw = ShellWordLexer(rawQuotes: true, rawEscapes: false, escape: 0x5C)
    guard let rawWords = raw.words(rest.span, from: 0, to: rest.count), rawWords.count == 1 else {
      return .invalid
    }
    func quotes(_ bytes: [UInt8]) -> Int { bytes.count { $0 == 0x22 || $0 == 0x27 } }
    return .word(words[0].bytes, expands: quotes(words[0].bytes) == quotes(rawWords[0].bytes))
  }
}
