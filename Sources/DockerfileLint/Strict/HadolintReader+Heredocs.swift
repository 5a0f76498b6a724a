/// Here-documents as hadolint has them: the marker is everything up to white space, the body begins right behind that
/// one character, and the bare marker on a line of its own ends it, if no other line
/// begins with it before.
extension HadolintReader {
  /// Reads `<<`, dashes and a marker, and a redirection with the rest of its line; the marker, or nil.
  ///
  /// An unquoted marker takes the white space behind it along, also a line end.
  mutating func heredocMarker() -> [UInt32]? {
    guard take("<<") else { return nil }
    while next == 0x2D { at += 1 }
    begin()
    let start = at
    var marker: [UInt32] = []
    let isQuoted =
      attempt { reader in
        guard let content = reader.literal(HadolintReader.doubleQuote) else { return false }
        marker = content
        return true
      }
      || attempt { reader in
        reader.begin()
        guard let content = reader.literal(HadolintReader.singleQuote) else { return false }
        marker = content
        return true
      }
    if !isQuoted {
      begin()
      while at < end, !isHaskellSpace(next) { at += 1 }
      guard at < end else {
        stop = at
        return nil
      }
      marker = Array(text.scalars[start..<at])
      record(from: start)
      at += 1
    }
    emit(.marker)
    if next == 0x7C || next == 0x3E {
      at += 1
      skipBlanks()
      begin()
      guard restOfLine() else { return nil }
    }
    return marker
  }

  /// Reads a body up to and with the line that ends it.
  mutating func heredocBody(_ marker: [UInt32]) -> Bool {
    begin()
    let markerEnd = at + marker.count
    if markerEnd <= end, text.scalars[at..<markerEnd].elementsEqual(marker) {
      if markerEnd == end || text.scalars[markerEnd] == HadolintReader.newline {
        at = min(markerEnd + 1, end)
        return true
      }
      // A body that begins with the marker loses it.
      at = markerEnd
    }
    var lines = heredocLines ?? HadolintLines(text.scalars)
    let found = lines.firstLine(after: at, beginningWith: marker)
    heredocLines = lines
    guard let line = found else {
      at = end
      return fail()
    }
    let lineEnd = line + marker.count
    guard lineEnd == end || text.scalars[lineEnd] == HadolintReader.newline else {
      // The first line that begins with the marker has to be the marker.
      at = lineEnd
      return fail()
    }
    record(from: at, to: line - 1)
    at = min(lineEnd + 1, end)
    return true
  }

  /// Reads a here-document: marker and body.
  mutating func heredoc() -> Bool {
    guard let marker = heredocMarker() else { return false }
    return heredocBody(marker)
  }

  /// Whether a character ends a marker: Haskell's idea of white space.
  func isHaskellSpace(_ character: UInt32) -> Bool {
    switch character {
    case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
