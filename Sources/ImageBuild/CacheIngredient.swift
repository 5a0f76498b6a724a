import ContentHash
import OCIModel

/// One of the things that the layer of a step depends on.
package struct CacheIngredient: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    /// How steps are executed and layers written by this version of Slipway.
    case format
    /// The files that the step starts with: the base's, and those of the steps before.
    case parent
    /// What the instruction says; `name` tells which part of it.
    case instruction
    /// A variable that a command sees.
    case variable
    /// The user, the folder, the network, the platform that a command runs with.
    case setting
    /// A here-document.
    case document
    /// A file that is read, by its path.
    case file
    /// The stage or image that files are taken from, as a whole.
    case source
    /// A file or repository that is elsewhere.
    case remote
  }

  package var kind: Kind
  package var name: [UInt8]
  /// The value, or a digest of it.
  var value: [UInt8]

  init(_ kind: Kind, _ name: some Sequence<UInt8>, _ value: some Sequence<UInt8>) {
    self.kind = kind
    self.name = Array(name)
    self.value = Array(value)
  }

  init(_ kind: Kind, _ name: String, _ value: String) {
    self.init(kind, name.utf8, value.utf8)
  }

  /// A few bytes that differ when the value does, and do not show it.
  fileprivate var mark: [UInt8] {
    var frames = ByteFrames()
    for part in [[kind.rawValue], name, value] { frames.append(part) }
    return Array(SHA256.hash(frames.bytes).prefix(8))
  }
}

/// Everything that the layer of a step depends on.
struct CacheIngredients: Sendable {
  var items: [CacheIngredient] = []

  mutating func add(_ kind: CacheIngredient.Kind, _ name: String, _ value: String) {
    items.append(CacheIngredient(kind, name, value))
  }

  mutating func add(_ kind: CacheIngredient.Kind, _ name: String, _ value: [UInt8]) {
    items.append(CacheIngredient(kind, name.utf8, value))
  }

  /// The key of the step. Lengths stand before all parts, so that no two lists give the same bytes.
  var key: Digest {
    var hash = SHA256()
    for item in items {
      var frames = ByteFrames()
      // What is elsewhere counts by what it is: the same file may have another URL each time.
      let name = item.kind == .remote ? [] : item.name
      for part in [[item.kind.rawValue], name, item.value] { frames.append(part) }
      hash.update(frames.bytes)
    }
    return Digest(sha256: hash.finalize())
  }
}

/// What went into the key of a step, as it is remembered until the next build.
struct CacheReasons: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var kind: CacheIngredient.Kind
    var name: [UInt8]
    var mark: [UInt8]
  }

  /// The instruction for people.
  var title: [UInt8]
  var entries: [Entry]

  init(title: [UInt8], entries: [Entry]) {
    self.title = title
    self.entries = entries
  }

  /// With very many files, only the folders at the top of the tree are kept.
  init(title: String, _ ingredients: CacheIngredients, limit: Int = 20_000) {
    self.title = Array(title.utf8)
    entries = []
    let folds = ingredients.items.count > limit
    var folders: [[UInt8]: [UInt8]] = [:]
    for item in ingredients.items {
      if folds, item.kind == .file {
        let top = Array(item.name.prefix { $0 != 0x2F })
        folders[top] = Array(SHA256.hash((folders[top] ?? []) + item.mark).prefix(8))
      } else {
        entries.append(Entry(kind: item.kind, name: item.name, mark: item.mark))
      }
    }
    for top in folders.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      entries.append(Entry(kind: .file, name: top, mark: folders[top] ?? []))
    }
  }

  // MARK: On the disk

  private static let header = Array("slipway-reasons 1".utf8)

  static func encoded(_ list: [CacheReasons]) -> [UInt8] {
    var frames = ByteFrames()
    frames.append(header)
    for reasons in list {
      var inner = ByteFrames()
      inner.append(reasons.title)
      for entry in reasons.entries {
        for part in [[entry.kind.rawValue], entry.name, entry.mark] { inner.append(part) }
      }
      frames.append(inner.bytes)
    }
    return frames.bytes
  }

  /// Reads what ``encoded(_:)`` has written; anything else gives an empty list.
  static func decoded(_ bytes: [UInt8]) -> [CacheReasons] {
    guard let parts = ByteFrames.parts(of: bytes[...]), parts.first.map({ $0.elementsEqual(header) }) == true
    else { return [] }
    var list: [CacheReasons] = []
    for part in parts.dropFirst() {
      guard let inner = ByteFrames.parts(of: part), let title = inner.first, inner.count % 3 == 1 else {
        return []
      }
      var entries: [Entry] = []
      for index in stride(from: 1, to: inner.count, by: 3) {
        guard let raw = inner[index].first, let kind = CacheIngredient.Kind(rawValue: raw) else { return [] }
        entries.append(Entry(kind: kind, name: Array(inner[index + 1]), mark: Array(inner[index + 2])))
      }
      list.append(CacheReasons(title: Array(title), entries: entries))
    }
    return list
  }
}

/// Pieces of bytes, each behind its length.
struct ByteFrames {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ part: some Collection<UInt8>) {
    var count = UInt64(part.count)
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: count))
      count >>= 8
    }
    bytes += part
  }

  /// The pieces; nil if the bytes are not made of whole pieces.
  static func parts(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    var parts: [ArraySlice<UInt8>] = []
    var rest = bytes
    while !rest.isEmpty {
      guard rest.count >= 8 else { return nil }
      let count = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      rest = rest.dropFirst(8)
      guard count <= UInt64(rest.count) else { return nil }
      parts.append(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
    }
    return parts
  }
}
