/// Text by text, sorted by the bytes of the keys: what Go writes for a `map[string]string`.
///
/// Keys are compared byte by byte. A `Dictionary` would hold two spellings of one letter for the
/// same key, and its order differs from run to run.
package struct StringMap: Hashable, Sendable {
  /// The pairs, sorted.
  package private(set) var entries: [Entry] = []

  /// A key with its value.
  package struct Entry: Hashable, Sendable {
    package let key: String
    package var value: String
  }

  package init() {}

  /// Later pairs replace earlier ones with the same key.
  package init(_ pairs: some Sequence<(String, String)>) {
    for (key, value) in pairs { self[key] = value }
  }

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  /// The value of a key; setting nil removes it.
  package subscript(key: String) -> String? {
    get {
      let index = position(of: key)
      return matches(key, at: index) ? entries[index].value : nil
    }
    set {
      let index = position(of: key)
      switch (matches(key, at: index), newValue) {
      case (true, let value?): entries[index].value = value
      case (true, nil): entries.remove(at: index)
      case (false, let value?): entries.insert(Entry(key: key, value: value), at: index)
      case (false, nil): break
      }
    }
  }

  /// Takes over every pair of `other`; its values win.
  package mutating func merge(_ other: StringMap) {
    for entry in other.entries { self[entry.key] = entry.value }
  }

  private func matches(_ key: String, at index: Int) -> Bool {
    index < entries.count && entries[index].key.utf8.elementsEqual(key.utf8)
  }

  /// Where the key is, or where it would go.
  private func position(of key: String) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].key.utf8.lexicographicallyPrecedes(key.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

extension StringMap: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}
