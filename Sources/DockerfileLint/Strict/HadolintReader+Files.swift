/// COPY and ADD.
extension HadolintReader {
  /// What may follow a flag's name.
  private enum FlagForm {
    /// `=` and a word.
    case word
    /// The same, any number of times.
    case words
    /// Nothing, or `=true` or `=false` in small letters. Whatever else follows is no part of the flag.
    case boolean
    /// `=` and a stage.
    case stage
  }

  private typealias FlagTable = [(name: StaticString, form: FlagForm)]

  private static let copyFlags: FlagTable = [
    ("--from", .stage), ("--chown", .word), ("--chmod", .word), ("--link", .boolean), ("--parents", .boolean),
    ("--exclude", .words),
  ]

  private static let addFlags: FlagTable = [
    ("--checksum", .word), ("--chown", .word), ("--chmod", .word), ("--link", .boolean),
    ("--keep-git-dir", .boolean), ("--unpack", .boolean), ("--exclude", .words),
  ]

  mutating func copy() -> Bool {
    guard flags(HadolintReader.copyFlags) else { return false }
    return either({ $0.attempt { $0.heredocFiles() } }, { $0.paths() })
  }

  mutating func add() -> Bool {
    guard flags(HadolintReader.addFlags) else { return false }
    return stands("--") ? fail() : paths()
  }

  /// Reads the flags and judges them: the first place behind them is where an unknown or a second one is reported.
  private mutating func flags(_ table: FlagTable) -> Bool {
    var seen = [Bool](repeating: false, count: table.count)
    var isBad = false
    reading: while true {
      let start = at
      if let flag = table.indices.first(where: { index in attempt { $0.flag(table[index]) } }) {
        if seen[flag], table[flag].form != .words { isBad = true }
        seen[flag] = true
      } else if attempt({ $0.unknownFlag() }) {
        isBad = true
      } else {
        break reading
      }
      let end = at
      guard blank() else {
        guard at == end else { return false }
        break reading
      }
      if at == start { break }
    }
    return isBad ? fail() : true
  }

  private mutating func flag(_ flag: (name: StaticString, form: FlagForm)) -> Bool {
    guard take(flag.name) else { return false }
    switch flag.form {
    case .word, .words, .stage:
      guard take(HadolintReader.equals) else { return false }
      begin()
      let end = flag.form == .stage ? HadolintReader.newline : HadolintReader.space
      guard word(until: { $0 == end }) else { return false }
      if flag.form == .stage { emit(.from) }
      return true
    case .boolean:
      _ = attempt { $0.take(HadolintReader.equals) && ($0.take("true") || $0.take("false")) }
      return true
    }
  }

  /// Reads any flag with a `=`; its value may be missing.
  mutating func unknownFlag() -> Bool {
    guard take("--"), word(until: { $0 == HadolintReader.equals }), take(HadolintReader.equals) else {
      return false
    }
    let start = at
    return word(until: { $0 == HadolintReader.space }) || at == start
  }

  /// Reads markers, the target, and one body up to the line that the last marker is.
  private mutating func heredocFiles() -> Bool {
    guard var marker = heredocMarker() else { return false }
    skipBlanks()
    while stands("<<") {
      guard let another = heredocMarker() else { return false }
      marker = another
      skipBlanks()
    }
    begin()
    guard restOfLine() else { return false }
    emit(.target)
    return heredocBody(marker)
  }

  /// Reads sources and target, a list in brackets or words, at least two.
  private mutating func paths() -> Bool {
    var furthest = at
    var count = 0
    let isList = attempt { reader in
      let found = reader.bracketedList { reader in
        reader.begin()
        guard reader.literal(HadolintReader.doubleQuote) != nil else { return false }
        reader.emit(.source)
        return true
      }
      count = found ?? 0
      return found != nil
    }
    if !isList {
      furthest = max(furthest, stop)
      guard attempt({ $0.pathWords(&count) }) else {
        stop = max(furthest, stop)
        return false
      }
    }
    guard count != 1 else { return fail() }
    if let last = parts.indices.last, parts[last].role == .source { parts[last].role = .target }
    return true
  }

  private mutating func pathWords(_ count: inout Int) -> Bool {
    count = 0
    while true {
      let start = at
      begin()
      guard word(until: { $0 == HadolintReader.space }) else { return at == start && count > 0 }
      emit(.source)
      count += 1
      guard attempt({ $0.blank() }) else { return true }
    }
  }
}
