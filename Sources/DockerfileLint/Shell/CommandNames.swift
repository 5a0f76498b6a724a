/// A set of command names in 256 bits: what it says is not in it is not, what it says is in it may not be.
///
/// Most rules about RUN look for commands that most files do not call. One look here spares them the search.
struct CommandNames: Sendable, Equatable {
  private var bits = SIMD4<UInt64>(repeating: 0)

  /// The set of no names.
  init() {}

  /// The set of some names.
  ///
  /// - Parameter names: names, or how names start: three letters or more.
  init(_ names: some Sequence<String>) {
    for name in names { insert(name) }
  }

  /// Adds a name.
  mutating func insert(_ name: String) {
    // The first three letters, so that the set knows the starts of names too.
    var hash: UInt32 = 7
    for byte in name.utf8.prefix(3) { hash = hash &* 31 &+ UInt32(byte) }
    hash ^= hash >> 8
    bits[Int(hash >> 6 & 3)] |= 1 << UInt64(hash & 63)
  }

  /// Adds the names of another set.
  mutating func formUnion(_ other: CommandNames) { bits |= other.bits }

  /// Whether the sets have no name in common; false is not certain.
  func isDisjoint(with other: CommandNames) -> Bool { bits & other.bits == SIMD4(repeating: 0) }
}
