import DockerfileSyntax

/// Instructions, comments and the two parser directives.
extension HadolintReader {
  /// What a comment can be besides a comment.
  enum Directive {
    case escape(UInt32)
    case syntax
  }

  /// Reads one instruction or comment, without the line end.
  mutating func instruction() -> Bool {
    let start = at
    parts.removeAll(keepingCapacity: true)
    var triggers = 0
    while takeFolded("onbuild") {
      guard blank() else { return false }
      triggers += 1
    }
    guard let kind = keyword() else {
      guard next == HadolintReader.hash else { return fail() }
      let isDirective = commentLine()
      finish(nil, isDirective: isDirective, triggers: triggers, from: start)
      return true
    }
    guard blank(), arguments(of: kind) else { return false }
    finish(kind, isDirective: false, triggers: triggers, from: start)
    return true
  }

  /// Reads a keyword; whatever begins with one is one, and the missing blank is noticed behind it.
  private mutating func keyword() -> InstructionKind? {
    for (kind, name) in HadolintReader.keywords where takeFolded(name) { return kind }
    return nil
  }

  private static let keywords: [(InstructionKind, StaticString)] = [
    (.from, "from"), (.copy, "copy"), (.run, "run"), (.workdir, "workdir"), (.entrypoint, "entrypoint"),
    (.volume, "volume"), (.expose, "expose"), (.env, "env"), (.arg, "arg"), (.user, "user"),
    (.label, "label"),
    (.stopsignal, "stopsignal"), (.cmd, "cmd"), (.shell, "shell"), (.maintainer, "maintainer"), (.add, "add"),
    (.healthcheck, "healthcheck"),
  ]

  private mutating func arguments(of kind: InstructionKind) -> Bool {
    switch kind {
    case .from: return image()
    case .copy: return copy()
    case .add: return add()
    case .run: return run()
    case .cmd, .entrypoint, .shell: return command()
    case .env, .label: return pairs()
    case .arg: return variable()
    case .expose: return ports()
    case .healthcheck: return healthcheck()
    case .maintainer, .stopsignal, .user, .volume, .workdir: return value()
    case .onbuild, .unknown: return fail()
    }
  }

  /// Reads a value that goes to the end of the line.
  private mutating func value() -> Bool {
    begin()
    guard restOfLine() else { return false }
    emit(.value)
    return true
  }

  /// Reads a comment; says whether it has the form of a directive, which it has anywhere in the file.
  private mutating func commentLine() -> Bool {
    if attempt({ $0.directive() != nil }) { return true }
    let start = at
    while at < end, next != HadolintReader.newline { at += 1 }
    begin()
    record(from: start + 1)
    emit(.value)
    return false
  }

  /// Reads a directive; nil, and stuck anywhere, when it is none. What follows an escape character is not read.
  mutating func directive() -> Directive? {
    guard take(HadolintReader.hash) else { return nil }
    skipBlanks()
    if take("escape") {
      skipBlanks()
      guard take(HadolintReader.equals) else { return nil }
      skipBlanks()
      return literalCharacter().map { .escape($0) }
    }
    guard take("syntax") else { return nil }
    skipBlanks()
    guard take(HadolintReader.equals) else { return nil }
    skipBlanks()
    begin()
    guard restOfLine() else { return nil }
    emit(.value)
    return .syntax
  }

  /// Reads ARG's name and default; of a list without `=` in its first word only that word is the name.
  private mutating func variable() -> Bool {
    var furthest = at
    let isAssignment = attempt { reader in
      reader.begin()
      guard reader.word(until: { $0 == HadolintReader.equals }) else { return false }
      reader.emit(.name)
      guard reader.take(HadolintReader.equals) else { return false }
      return reader.value()
    }
    if isAssignment { return true }
    furthest = max(furthest, stop)
    let isList = attempt { reader in
      reader.begin()
      guard reader.word(until: { $0 == HadolintReader.equals }) else { return false }
      reader.emit(.name)
      return reader.restOfLine()
    }
    if isList { return true }
    furthest = max(furthest, stop)
    begin()
    if restOfLine() {
      emit(.name)
      return true
    }
    stop = max(furthest, stop)
    return false
  }

  // MARK: Pairs

  /// Reads the pairs of ENV and LABEL.
  private mutating func pairs() -> Bool {
    guard pair() else { return false }
    while true {
      let start = at
      guard blank() else { return at == start }
      let second = at
      let kept = parts.count
      guard pair() else {
        // Blanks may end the line; the pair that is not there has left an empty name.
        parts.removeLast(parts.count - kept)
        return at == second
      }
    }
  }

  /// Reads `name=value`, or a name, a blank and the rest of the line.
  private mutating func pair() -> Bool {
    begin()
    guard quotableText(refusing: { $0 == HadolintReader.equals }) else { return false }
    emit(.name)
    if next == HadolintReader.equals {
      at += 1
      begin()
      guard quotableText(refusing: { _ in false }) else { return false }
    } else {
      guard blank() else { return false }
      begin()
      guard restOfLine() else { return false }
    }
    emit(.value)
    return true
  }

  /// Reads stretches of text with and without quotes, as many as there are.
  private mutating func quotableText(refusing: (UInt32) -> Bool) -> Bool {
    while true {
      if next == HadolintReader.doubleQuote || next == HadolintReader.singleQuote {
        guard quotedText(next) else { return false }
        continue
      }
      let start = at
      var isEmpty = true
      let isRead = escapedText(
        closing: { $0 == HadolintReader.space || $0 == HadolintReader.tab },
        refusing: { $0 == HadolintReader.doubleQuote || $0 == HadolintReader.singleQuote || refusing($0) },
        isEmpty: &isEmpty)
      guard isRead else { return false }
      // Continuations with nothing between them are no text, and the failure stands behind them.
      if isEmpty { return at == start || fail() }
    }
  }

  // MARK: Commands

  /// Reads the arguments of CMD, ENTRYPOINT, SHELL and RUN: a here-document, a list in brackets, or text for a shell.
  mutating func command() -> Bool {
    var furthest = at
    if attempt({ $0.heredocCommand() }) { return true }
    furthest = max(furthest, stop)
    if attempt({ $0.execCommand() }) { return true }
    furthest = max(furthest, stop)
    if attempt({ $0.textBeforeHeredoc() }) { return true }
    furthest = max(furthest, stop)
    let isText = attempt { reader in
      reader.begin()
      return reader.restOfLine()
    }
    if isText {
      emit(.shell)
      return true
    }
    stop = max(furthest, stop)
    return false
  }

  private mutating func heredocCommand() -> Bool {
    guard heredoc() else { return false }
    strip()
    emit(.heredoc)
    return true
  }

  private mutating func execCommand() -> Bool {
    begin()
    var isFirst = true
    let count = bracketedList { reader in
      if !isFirst { reader.record(blankFrom: reader.at) }
      isFirst = false
      return reader.quotedText(HadolintReader.doubleQuote)
    }
    guard count != nil else { return false }
    emit(.exec)
    return true
  }

  /// Reads text up to a `<<` with a marker, and the here-document, of which the first is the only one; what stands
  /// behind the marker belongs to the body.
  private mutating func textBeforeHeredoc() -> Bool {
    let first = at
    while at < end {
      if stands("<<") {
        let last = at
        guard heredoc() else { return false }
        begin()
        recordLines(from: first, to: last)
        strip()
        emit(.shell)
        return true
      }
      if continuation() != nil { continue }
      guard next != HadolintReader.newline else { break }
      at += 1
    }
    stop = max(at, breakStop)
    return false
  }
}
