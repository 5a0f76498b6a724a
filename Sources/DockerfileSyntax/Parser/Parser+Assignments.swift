import SourceText

extension Parser {
  /// The arguments of ARG, ENV and LABEL: words in which quotes and escapes hold white space together.
  ///
  /// ENV and LABEL without `=` in the first word are in the legacy form: a name, and all the rest as its value.
  mutating func parseAssignments(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax
  ) {
    node.form = .assignments
    var index = start
    var isFirst = true
    while index < end {
      let word = quotedWord(text, from: index, to: end)
      if node.kind != .arg, !word.hasEquals {
        if isFirst, word.end > index {
          parseLegacyAssignment(text, from: start, to: end, into: &node)
          return
        }
        if word.end > index { fail(.missingEquals, index, word.end) }
      }
      isFirst = false
      if word.end > index { addArgument(index, word.end) }
      line.emit(.word, from: index, to: word.end, into: &tokens)
      line.emit(.stray, from: word.end, to: word.next, into: &tokens)
      index = text.skippingSpace(from: word.next, to: end)
      line.emit(.space, from: word.next, to: index, into: &tokens)
    }
  }

  private mutating func parseLegacyAssignment(
    _ text: Span<UInt8>, from start: Int, to end: Int, into node: inout InstructionSyntax
  ) {
    node.form = .legacyAssignment
    var index = start
    while index < end, !text[index].isWordBreak { index += 1 }
    addArgument(start, index)
    line.emit(.word, from: start, to: index, into: &tokens)
    let space = index
    while index < end, text[index].isWordBreak { index += 1 }
    line.emit(.space, from: space, to: index, into: &tokens)
    guard index < end else {
      fail(.missingValue, start, end)
      return
    }
    addArgument(index, end)
    line.emit(.text, from: index, to: end, into: &tokens)
  }

  /// Finds the end of a word that starts at `start`, as BuildKit's `parseWords` does.
  ///
  /// - Returns: the word's end, the end with an escape character that the grammar drops at the very end of the line,
  ///   and whether there is a `=` in the word.
  private func quotedWord(_ text: Span<UInt8>, from start: Int, to end: Int) -> (
    end: Int, next: Int, hasEquals: Bool
  ) {
    var index = start
    var quote: UInt8 = 0
    var hasEquals = false
    while index < end {
      let byte = text[index]
      if byte >= 0x80 {
        let (value, width) = text.scalar(at: index, before: end)
        if quote == 0, value.isUnicodeSpace { break }
        index += width
        continue
      }
      if quote == 0, byte.isASCIISpace { break }
      if byte == 0x3D { hasEquals = true }
      if byte == escape, quote != 0x27 {
        guard index + 1 < end else { return (index, index + 1, hasEquals) }
        if text[index + 1] == 0x3D { hasEquals = true }
        index += 1 + text.scalar(at: index + 1, before: end).width
        continue
      }
      if quote == 0, byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if quote != 0, byte == quote {
        quote = 0
      }
      index += 1
    }
    return (index, index, hasEquals)
  }
}
