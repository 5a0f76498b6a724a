/// A set of a linter's rules by their numbers.
struct RuleSet: Sendable {
  private var bits = SIMD4<UInt64>(repeating: 0)

  /// How many rules there may be.
  static let capacity = 256

  /// Adds a rule.
  mutating func insert(_ rule: Int) { bits[rule >> 6] |= 1 << UInt64(rule & 63) }

  /// Adds the rules of another set.
  mutating func formUnion(_ other: RuleSet) { bits |= other.bits }

  /// The lowest number that is not below another; nil when there is none.
  func first(from start: Int) -> Int? {
    var word = start >> 6
    guard word < 4 else { return nil }
    var rest = bits[word] & (~0 << UInt64(start & 63))
    while rest == 0 {
      word += 1
      guard word < 4 else { return nil }
      rest = bits[word]
    }
    return word << 6 | rest.trailingZeroBitCount
  }
}

/// Which rules look at a RUN, by the names of the commands that it calls.
struct RunVisitors: Sendable {
  /// Those that are not about certain commands.
  private var always = RuleSet()
  /// The others, by the numbers of the names.
  private var byName = [RuleSet](repeating: RuleSet(), count: CommandNames.numberCount)

  /// Adds a rule.
  /// - Parameter names: what it is about; nil when it is not about certain commands.
  mutating func insert(_ rule: Int, about names: CommandNames?) {
    guard let names else { return always.insert(rule) }
    names.forEachNumber { byName[$0].insert(rule) }
  }

  /// The rules that may have something to say.
  func rules(calling names: CommandNames) -> RuleSet {
    var rules = always
    names.forEachNumber { rules.formUnion(byName[$0]) }
    return rules
  }
}
