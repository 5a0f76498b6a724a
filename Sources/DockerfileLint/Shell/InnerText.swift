import ShellSyntax
import SourceText

/// The text of a script inside of a script, with the way back to the file.
enum InnerText {
  /// A word that is a script: quotes go, expansions stay as they are written. Nil when a command stands in it, which runs
  /// before the script does.
  static func script(_ word: ShellWord, of text: CookedText, in source: Source) -> CookedText? {
    var result = CookedText()
    return append(word.parts, to: &result, isQuoted: false, of: text, in: source) ? result : nil
  }

  /// A here-document that is a script: without the tabs that are stripped, and the backslashes that are.
  static func script(_ document: ShellHeredoc, of text: CookedText, in source: Source) -> CookedText {
    var result = CookedText()
    var offset = Int(document.body.lower)
    let end = Int(document.body.upper)
    while offset < end {
      var next = offset
      while next < end, text.bytes[next] != 0x0A { next += 1 }
      next = min(next + 1, end)
      var start = offset
      if document.stripsTabs {
        while start < next, text.bytes[start] == 0x09 { start += 1 }
      }
      if document.expands {
        result.appendUnescaped(start..<next, escaping: [0x24, 0x60, 0x5C], of: text, in: source)
      } else {
        result.append(start..<next, of: text, in: source)
      }
      offset = next
    }
    return result
  }

  private static func append(
    _ parts: [ShellWord.Part], to result: inout CookedText, isQuoted: Bool, of text: CookedText,
    in source: Source
  ) -> Bool {
    for part in parts {
      let range = part.range.indices
      switch part.kind {
      case .singleQuoted:
        let end =
          text.bytes[range.upperBound - 1] == 0x27 && range.count > 1
          ? range.upperBound - 1 : range.upperBound
        result.append(range.lowerBound + 1..<end, of: text, in: source)
      case .doubleQuoted(let inner, _):
        guard append(inner, to: &result, isQuoted: true, of: text, in: source) else { return false }
      case .literal:
        result.appendUnescaped(
          range, escaping: isQuoted ? [0x24, 0x60, 0x22, 0x5C] : nil, of: text, in: source)
      case .parameter, .arithmetic, .glob:
        result.append(range, of: text, in: source)
      case .command, .backquoted, .braceCommand, .process, .extendedGlob, .braces, .ansiQuoted: return false
      }
    }
    return true
  }
}

extension CookedText {
  /// Appends a part of another text.
  fileprivate mutating func append(_ range: Range<Int>, of text: CookedText, in source: Source) {
    var start = range.lowerBound
    while start < range.upperBound {
      // A stretch that stands in the file as it is here.
      let origin = Int(text.original(start))
      var end = start + 1
      while end < range.upperBound, Int(text.original(end)) == origin + end - start { end += 1 }
      let place = text.original(start..<end)
      if place.count == end - start, source.bytes(in: place).elementsEqual(text.bytes[start..<end]) {
        append(place, of: source)
      } else {
        append(text.bytes[start..<end], for: place)
      }
      start = end
    }
  }

  /// Appends a part of another text without the backslashes before some bytes, or before any.
  fileprivate mutating func appendUnescaped(
    _ range: Range<Int>, escaping special: [UInt8]?, of text: CookedText, in source: Source
  ) {
    var start = range.lowerBound
    var offset = start
    while offset < range.upperBound {
      guard text.bytes[offset] == 0x5C, offset + 1 < range.upperBound else {
        offset += 1
        continue
      }
      let next = text.bytes[offset + 1]
      if next == 0x0A {
        append(start..<offset, of: text, in: source)
        start = offset + 2
      } else if special?.contains(next) ?? true {
        append(start..<offset, of: text, in: source)
        start = offset + 1
      }
      offset += 2
    }
    append(start..<range.upperBound, of: text, in: source)
  }
}
