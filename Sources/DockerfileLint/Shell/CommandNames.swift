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
    let hash = Self.hash(name)
    bits[Int(hash >> 6 & 3)] |= 1 << UInt64(hash & 63)
  }

  /// Whether a name may be in the set.
  func mayHave(_ name: String) -> Bool {
    let hash = Self.hash(name)
    return bits[Int(hash >> 6 & 3)] & 1 << UInt64(hash & 63) != 0
  }

  private static func hash(_ name: String) -> UInt32 {
    // The first three letters, so that the set knows the starts of names too.
    let bytes = name.utf8.span
    var hash: UInt32 = 7
    for index in 0..<min(3, bytes.count) { hash = hash &* 31 &+ UInt32(bytes[index]) }
    return hash ^ hash >> 8
  }

  /// Adds the names of another set.
  mutating func formUnion(_ other: CommandNames) { bits |= other.bits }

  /// How many numbers ``forEachNumber(_:)`` may give.
  static let numberCount = 256

  /// Calls a function with the number of each name, in ascending order; several names may have one number.
  func forEachNumber(_ body: (Int) -> Void) {
    for word in 0..<4 {
      var rest = bits[word]
      while rest != 0 {
        body(word << 6 | rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }

  /// Whether the sets have no name in common; false is not certain.
  func isDisjoint(with other: CommandNames) -> Bool { bits & other.bits == SIMD4(repeating: 0) }
}
