/// Words, rests of lines, and quoted texts.
extension HadolintReader {
  /// Reads up to the end of the line, over continuations; fails where there is nothing to read, or where several escape
  /// characters stand right before the line end.
  mutating func restOfLine() -> Bool {
    var isEmpty = true
    while true {
      let start = at
      if let isBlank = continuation() {
        if isBlank {
          record(blankFrom: start)
          isEmpty = false
        }
        continue
      }
      while at < end, next != HadolintReader.newline, next != escape { at += 1 }
      if at == start {
        while next == escape { at += 1 }
        guard at > start else { return isEmpty ? fail() : true }
        guard next != HadolintReader.newline else { return fail() }
      }
      record(from: start)
      isEmpty = false
    }
  }

  /// Reads a word up to a blank, a line end, or a character that is told, over continuations (also with blanks behind
  /// them). Fails, with nothing read, where there is none. A blank or a line end is named by the callers whose word it
  /// ends also where it is the escape character.
  mutating func word(until isEnd: (UInt32) -> Bool) -> Bool {
    let first = at
    while true {
      let start = at
      if let isBlank = continuation() {
        if isBlank { record(blankFrom: start) }
        continue
      }
      while at < end, !isWordEnd(next), !isEnd(next) { at += 1 }
      if at == start {
        while next == escape, !isEnd(next) { at += 1 }
        guard at > start else { return at > first || fail() }
        guard next != HadolintReader.newline else { return fail() }
      }
      record(from: start)
    }
  }

  private func isWordEnd(_ character: UInt32) -> Bool {
    character == HadolintReader.space || character == HadolintReader.tab
      || character == HadolintReader.newline || character == escape
  }

  /// Reads text up to a line end or a character that closes or is not taken; an escape character before a closing one
  /// makes that text. Says whether anything was read with `isEmpty`, which stays true for continuations alone.
  ///
  /// Fails where two or more escape characters stand before a closing character.
  mutating func escapedText(
    closing: (UInt32) -> Bool, refusing: (UInt32) -> Bool, isEmpty: inout Bool
  ) -> Bool {
    while true {
      let start = at
      if let isBlank = continuation() {
        if isBlank {
          record(blankFrom: start)
          isEmpty = false
        }
        continue
      }
      while at < end, next != escape, next != HadolintReader.newline, !closing(next), !refusing(next) {
        at += 1
      }
      if at == start {
        while next == escape { at += 1 }
        guard at > start else { return true }
        if at < end, closing(next) {
          let furthest = max(at, breakStop)
          at = start + 1
          guard closing(next) else {
            stop = furthest
            return false
          }
          at += 1
          record(from: start + 1)
          isEmpty = false
          continue
        }
      }
      record(from: start)
      isEmpty = false
    }
  }

  /// Reads a text in quotes in which the quote can be escaped and lines can be continued, but not end.
  mutating func quotedText(_ quote: UInt32) -> Bool {
    var isEmpty = true
    return take(quote) && escapedText(closing: { $0 == quote }, refusing: { _ in false }, isEmpty: &isEmpty)
      && take(quote)
  }

  /// Reads a list in brackets of quoted texts; the count of them, or nil.
  mutating func bracketedList(of element: (inout HadolintReader) -> Bool) -> Int? {
    guard take(0x5B) else { return nil }
    skipWhitespace()
    var count = 0
    if next == HadolintReader.doubleQuote {
      repeat {
        guard element(&self) else { return nil }
        count += 1
        skipWhitespace()
        guard next == 0x2C else { break }
        at += 1
        skipWhitespace()
      } while true
    }
    guard take(0x5D) else { return nil }
    skipWhitespace()
    return count
  }

  /// Reads ASCII digits, at least one.
  mutating func digits() -> Bool {
    let start = at
    while next >= 0x30, next <= 0x39 { at += 1 }
    return at > start || fail()
  }
}
