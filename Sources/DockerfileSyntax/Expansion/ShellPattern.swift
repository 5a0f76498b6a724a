import SourceText

/// A pattern of `${name#pattern}` and its like: `*`, `?` and literal text. There are no bracket expressions, and neither
/// wildcard matches a newline, as in BuildKit.
struct ShellPattern {
  private enum Element: Equatable {
    case literal(UInt32)
    case anyOne
    case anySequence
  }
  private var elements: [Element] = []

  /// Reads a pattern. The escape character keeps its meaning inside: `\*`, `\?`, `\\`; before `}` and `/` it only
  /// served to get them into the word.
  init(_ text: [UInt8]) throws(ExpansionError) {
    var scalars = text.scalars[...]
    while let value = scalars.popFirst() {
      switch value {
      case 0x2A: if elements.last != .anySequence { elements.append(.anySequence) }
      case 0x3F: elements.append(.anyOne)
      case 0x5C:
        guard let next = scalars.popFirst() else { throw .invalidPatternEscape("") }
        guard [0x2A, 0x3F, 0x5C, 0x7D, 0x2F].contains(next) else {
          throw .invalidPatternEscape(Unicode.Scalar(next).map { String(Character($0)) } ?? "")
        }
        elements.append(.literal(next))
      default: elements.append(.literal(value))
      }
    }
  }

  /// The lengths of the shortest and the longest match that starts at `start`; nil when there is none.
  private func match(_ text: [UInt32], from start: Int) -> (shortest: Int, longest: Int)? {
    // The elements that may come next, as a set of positions that runs along the text.
    var states = Set(closure([0]))
    var shortest: Int?
    var longest: Int?
    var index = start
    while true {
      if states.contains(elements.count) {
        shortest = shortest ?? index - start
        longest = index - start
      }
      guard index < text.count, !states.isEmpty else { break }
      var next: [Int] = []
      for state in states where state < elements.count {
        switch elements[state] {
        case .literal(let value): if value == text[index] { next.append(state + 1) }
        case .anyOne: if text[index] != 0x0A { next.append(state + 1) }
        case .anySequence: if text[index] != 0x0A { next.append(state) }
        }
      }
      states = Set(closure(next))
      index += 1
    }
    guard let shortest, let longest else { return nil }
    return (shortest, longest)
  }

  /// `*` may match nothing: the positions behind it are reached as well.
  private func closure(_ states: [Int]) -> [Int] {
    var result = states
    for state in states {
      var position = state
      while position < elements.count, elements[position] == .anySequence {
        position += 1
        result.append(position)
      }
    }
    return result
  }

  func removingPrefix(from value: [UInt8], longest: Bool) -> [UInt8] {
    let text = value.scalars
    guard let match = match(text, from: 0) else { return value }
    return text[(longest ? match.longest : match.shortest)...].utf8Bytes
  }

  func removingSuffix(from value: [UInt8], longest: Bool) -> [UInt8] {
    var reversed = self
    reversed.elements.reverse()
    let text = Array(value.scalars.reversed())
    guard let match = reversed.match(text, from: 0) else { return value }
    return text[(longest ? match.longest : match.shortest)...].reversed().utf8Bytes
  }

  func replacing(in value: [UInt8], with replacement: [UInt8], all: Bool) -> [UInt8] {
    let text = value.scalars
    var result: [UInt8] = []
    var index = 0
    var copied = 0
    var previousEnd = -1
    while index <= text.count {
      guard let match = match(text, from: index), match.longest > 0 || index != previousEnd else {
        index += 1
        continue
      }
      result += text[copied..<index].utf8Bytes
      result += replacement
      copied = index + match.longest
      previousEnd = copied
      index = max(copied, match.longest == 0 ? index + 1 : copied)
      guard all else { break }
    }
    if copied < text.count { result += text[copied...].utf8Bytes }
    return result
  }
}

extension [UInt8] {
  /// The scalars, with U+FFFD for each byte that is no UTF-8.
  fileprivate var scalars: [UInt32] {
    var result: [UInt32] = []
    var index = 0
    while index < count {
      let (value, width) = span.scalar(at: index, before: count)
      result.append(value)
      index += width
    }
    return result
  }
}

extension Sequence<UInt32> {
  fileprivate var utf8Bytes: [UInt8] {
    var result: [UInt8] = []
    for value in self { appendUTF8(value, to: &result) }
    return result
  }
}
