/// Blanks, line ends and continuations.
extension HadolintReader {
  /// Skips blanks, line ends and carriage returns before the first instruction.
  mutating func skipLeadingSpace() {
    while next == HadolintReader.space || next == HadolintReader.tab || next == HadolintReader.newline
      || next == 0x0D
    {
      at += 1
    }
  }

  /// Skips spaces and tabs; says whether there were any.
  @discardableResult
  mutating func skipBlanks() -> Bool {
    let start = at
    while next == HadolintReader.space || next == HadolintReader.tab { at += 1 }
    return at > start
  }

  /// Skips line feeds; says whether there were any.
  mutating func skipNewlines() -> Bool {
    let start = at
    while next == HadolintReader.newline { at += 1 }
    return at > start
  }

  /// Reads line continuations with the comment lines behind them; says whether blanks follow, which count as one
  /// blank. Nil, and nothing read, when there is none.
  ///
  /// Several line ends may follow the escape character, so an empty line does not end the instruction; one with blanks
  /// in it does.
  mutating func continuation() -> Bool? {
    var isBlank: Bool?
    while true {
      let start = at
      guard next == escape else {
        breakStop = at
        return isBlank
      }
      at += 1
      skipBlanks()
      guard skipNewlines() else {
        breakStop = at
        at = start
        return isBlank
      }
      skipCommentLines()
      let hasBlanks = skipBlanks()
      isBlank = isBlank ?? false || hasBlanks
    }
  }

  /// Skips whole comment lines; one without a line end is not skipped.
  private mutating func skipCommentLines() {
    while true {
      let start = at
      skipBlanks()
      if next == HadolintReader.hash {
        while at < end, next != HadolintReader.newline { at += 1 }
        if skipNewlines() { continue }
      }
      at = start
      return
    }
  }

  /// Skips blanks and continuations; says whether there was a blank.
  @discardableResult
  mutating func skipWhitespace() -> Bool {
    var found = false
    while true {
      if skipBlanks() {
        found = true
      } else if let isBlank = continuation() {
        found = found || isBlank
      } else {
        return found
      }
    }
  }

  /// Reads blanks and continuations with at least one blank: a continuation alone glues what it parts.
  mutating func blank() -> Bool {
    skipWhitespace() || fail()
  }

  /// Reads the end of an instruction: blanks, line ends and continuations, or the end of the file.
  mutating func lineEnd() -> Bool {
    let start = at
    while skipBlanks() || skipNewlines() || continuation() != nil {}
    if at > start || at == end { return true }
    stop = max(at, breakStop)
    return false
  }
}
