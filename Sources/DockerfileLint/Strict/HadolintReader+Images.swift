/// FROM and EXPOSE.
extension HadolintReader {
  /// Reads FROM's image.
  ///
  /// A second way, without a tag, is tried when the first fails; it succeeds before a `:` that begins no tag, which then
  /// stands where the next instruction should.
  mutating func image() -> Bool {
    if attempt({ $0.imageReference(withTag: true) }) { return true }
    let furthest = stop
    if imageReference(withTag: false) { return true }
    stop = max(stop, furthest)
    return false
  }

  private mutating func imageReference(withTag: Bool) -> Bool {
    _ = attempt { reader in
      guard reader.take("--platform=") else { return false }
      reader.begin()
      guard reader.word(until: { $0 == HadolintReader.space }) else { return false }
      reader.emit(.platform)
      return reader.blank()
    }
    guard !stands("--") else { return fail() }
    _ = attempt { reader in
      reader.begin()
      guard reader.expandedWord(until: { $0 == 0x2E }) else { return false }
      let dot = reader.at
      guard reader.take(0x2E) else { return false }
      reader.record(from: dot)
      guard reader.expandedWord(until: { $0 == 0x2F }) else { return false }
      guard reader.take(0x2F) else { return false }
      reader.emit(.registry)
      return true
    }
    begin()
    guard expandedWord(until: { $0 == 0x40 || $0 == 0x3A }) else { return false }
    emit(.image)
    if withTag, next == 0x3A {
      at += 1
      begin()
      guard expandedWord(until: { $0 == 0x40 || $0 == 0x3A }) else { return false }
      emit(.tag)
    }
    _ = attempt { reader in
      guard reader.take(0x40) else { return false }
      reader.begin()
      guard reader.word(until: { $0 == 0x40 }) else { return false }
      reader.emit(.digest)
      return true
    }
    _ = attempt { reader in
      guard reader.blank(), reader.takeFolded("as"), reader.blank() else { return false }
      reader.begin()
      guard reader.word(until: { $0 == HadolintReader.newline }) else { return false }
      reader.emit(.alias)
      return true
    }
    return true
  }

  /// Reads a word in which a `${…}` may hold what otherwise ends it.
  private mutating func expandedWord(until isEnd: (UInt32) -> Bool) -> Bool {
    let first = at
    while true {
      let start = at
      if next == HadolintReader.dollar {
        expansion()
      } else if !word(until: { isEnd($0) || $0 == HadolintReader.dollar }) {
        guard at == start else { return false }
        return at > first || fail()
      }
    }
  }

  /// Skips a `$` and the braces behind it, as far as they are balanced or no blank comes.
  private mutating func expansion() {
    let start = at
    at += 1
    if next == 0x7B {
      var depth = 0
      scan: while at < end {
        switch next {
        case 0x7B: depth += 1
        case 0x7D: depth -= 1
        case HadolintReader.space, HadolintReader.tab, HadolintReader.newline: break scan
        default: break
        }
        at += 1
        if depth == 0 { break }
      }
    }
    record(from: start)
  }

  // MARK: Ports

  /// Reads EXPOSE's ports, which may be none.
  mutating func ports() -> Bool {
    while true {
      let start = at
      begin()
      guard port() else { return at == start }
      record(from: start)
      emit(.port)
      let end = at
      guard blank() else { return at == end }
    }
  }

  private mutating func port() -> Bool {
    var furthest = at
    if attempt({ $0.portRange() }) { return true }
    furthest = max(furthest, stop)
    if attempt({ $0.take(HadolintReader.dollar) && $0.portName { $0 == HadolintReader.dollar } }) {
      return true
    }
    furthest = max(furthest, stop)
    if attempt({ $0.digits() && $0.portProtocol() }) { return true }
    furthest = max(furthest, stop)
    if digits() {
      if next != 0x2F, next != 0x2D { return true }
      stop = at
    }
    stop = max(furthest, stop)
    return false
  }

  private mutating func portRange() -> Bool {
    guard portLimit(), take(0x2D), attempt({ $0.portLimit() }) else { return false }
    _ = attempt { $0.portProtocol() }
    return true
  }

  private mutating func portLimit() -> Bool {
    if next != HadolintReader.dollar { return digits() }
    at += 1
    return portName { $0 == 0x2D || $0 == 0x2F }
  }

  /// Reads a variable's name; its text is recorded with the port.
  private mutating func portName(until isEnd: (UInt32) -> Bool) -> Bool {
    let isRead = word(until: isEnd)
    begin()
    return isRead
  }

  private mutating func portProtocol() -> Bool {
    guard take(0x2F) else { return false }
    return takeFolded("tcp") || takeFolded("udp")
  }
}
