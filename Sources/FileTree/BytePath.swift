/// A path as the kernel sees it: bytes, with `/` between components.
///
/// Not a `String`, because string equality would treat the composed and the decomposed spelling of
/// one name as the same file. Equality and order are those of the bytes; ``precedes(_:)`` is the
/// order of a depth-first walk.
package struct BytePath: Hashable, Comparable, Sendable {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8] = []) {
    self.bytes = bytes
  }

  package init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  package init(_ string: String) {
    bytes = Array(string.utf8)
  }

  package static func < (a: BytePath, b: BytePath) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }

  package var isEmpty: Bool { bytes.isEmpty }
  package var isAbsolute: Bool { bytes.first == .slash }
}

extension BytePath: ExpressibleByStringLiteral, CustomStringConvertible {
  package init(stringLiteral value: String) {
    self.init(value)
  }

  /// The path as text; bytes that are not UTF-8 show as U+FFFD. For messages only.
  package var description: String { String(decoding: bytes, as: UTF8.self) }
}

// MARK: - Components

extension BytePath {
  /// The non-empty components, as slices; `.` and `..` are components like any other.
  package var components: [ArraySlice<UInt8>] {
    bytes.split(separator: .slash)
  }

  /// What follows the last `/`, or all of it. Empty for `""` and for a path that ends in `/`.
  package var lastComponent: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: .slash) else { return bytes[...] }
    return bytes[(slash + 1)...]
  }

  /// The path without its last component: `a/b` → `a`, `a` → `""`, `/a` → `/`.
  package var parent: BytePath {
    guard let slash = bytes.lastIndex(of: .slash) else { return BytePath() }
    return BytePath(Array(bytes[..<(slash == 0 ? 1 : slash)]))
  }

  /// This path, a `/`, and `name`; either side may be empty, and then adds nothing.
  package func joining(_ name: some Collection<UInt8>) -> BytePath {
    guard !bytes.isEmpty else { return BytePath(Array(name)) }
    guard !name.isEmpty else { return self }
    var joined: [UInt8] = []
    joined.reserveCapacity(bytes.count + 1 + name.count)
    joined += bytes
    if bytes.last != .slash { joined.append(.slash) }
    joined += name
    return BytePath(joined)
  }

  package func joining(_ other: BytePath) -> BytePath {
    joining(other.bytes)
  }

  /// Whether the path is `ancestor` or below it; the empty path holds every relative path.
  package func isWithin(_ ancestor: BytePath) -> Bool {
    if ancestor.isEmpty { return true }
    guard bytes.starts(with: ancestor.bytes) else { return false }
    return bytes.count == ancestor.bytes.count || bytes[ancestor.bytes.count] == .slash
      || ancestor.bytes.last == .slash
  }
}

// MARK: - Normal forms

extension BytePath {
  /// The shortest lexical equivalent, as Go's `path.Clean` gives it: no empty or `.` components,
  /// `..` takes its left neighbour away, and `""` becomes `.`.
  package var cleaned: BytePath {
    let absolute = isAbsolute
    var kept: [ArraySlice<UInt8>] = []
    for component in components where component != [.dot] {
      if component != [.dot, .dot] {
        kept.append(component)
      } else if let last = kept.last, last != [.dot, .dot] {
        kept.removeLast()
      } else if !absolute {
        kept.append(component)
      }
    }
    let joined = Array(kept.joined(separator: [.slash]))
    if absolute { return BytePath([.slash] + joined) }
    return BytePath(joined.isEmpty ? [.dot] : joined)
  }

  /// The path relative to a root and inside it: cleaned, without a leading `/`, and with every
  /// `..` that would leave the root dropped. The root itself is the empty path.
  package var clampedToRoot: BytePath {
    var absolute: [UInt8] = [.slash]
    absolute += bytes
    return BytePath(Array(BytePath(absolute).cleaned.bytes.dropFirst()))
  }

  /// Whether the path is already what ``clampedToRoot`` would make of it.
  package var isCanonical: Bool {
    if bytes.isEmpty { return true }
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == .slash {
      let length = index - start
      if length == 0 { return false }
      if bytes[start] == .dot && (length == 1 || (length == 2 && bytes[start + 1] == .dot)) { return false }
      start = index + 1
    }
    return true
  }
}

// MARK: - Tree order

extension BytePath {
  /// Whether a depth-first walk that visits names in byte order meets this path before `other`.
  ///
  /// It differs from `<` where a name holds a byte below `/`: `a`, `a/b`, `a-b` here, and
  /// `a`, `a-b`, `a/b` there.
  package func precedes(_ other: BytePath) -> Bool {
    treeOrder(bytes[...], other.bytes[...]) < 0
  }
}

/// Compares two canonical paths in the order of a depth-first walk: negative, zero or positive.
func treeOrder(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
  var left = a.startIndex
  var right = b.startIndex
  while left < a.endIndex, right < b.endIndex {
    let x = a[left]
    let y = b[right]
    if x != y {
      // A separator ends a name, and the end of a name comes before any longer name.
      if x == .slash { return -1 }
      if y == .slash { return 1 }
      return Int(x) - Int(y)
    }
    left += 1
    right += 1
  }
  return (a.endIndex - left) - (b.endIndex - right)
}

extension UInt8 {
  package static let slash = UInt8(ascii: "/")
  package static let dot = UInt8(ascii: ".")
}
