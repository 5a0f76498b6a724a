/// A value of `--chmod`: an octal number, or symbolic as chmod(1) takes it.
package struct ModeChange: Hashable, Sendable {
  private enum Form: Hashable, Sendable {
    case absolute(UInt32)
    case symbolic([Clause])
  }

  private struct Clause: Hashable, Sendable {
    var operation: UInt8
    /// The bits of `u`, `g` and `o` that the clause reaches: 04700, 02070 and 01007 together at most.
    var reach: UInt32
    /// `r`, `w`, `x` as bits of one digit.
    var bits: UInt32 = 0
    /// `X`: execute for folders, and for files that somebody may execute already.
    var executesIfExecutable = false
    var setsIDs = false
    var isSticky = false
    /// `u`, `g` or `o` whose bits are copied, as the number of digits to shift.
    var copies: UInt32?
    var reachesUser = false
    var reachesGroup = false
  }

  private let form: Form

  /// nil for what is no mode: a number above 07777 or with other digits, or a clause that cannot be read.
  package init?(_ text: [UInt8]) {
    if let first = text.first, (0x30...0x39).contains(first) {
      guard text.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
      var value: UInt32 = 0
      for digit in text {
        value = value * 8 + UInt32(digit - 0x30)
        guard value <= 0o7777 else { return nil }
      }
      form = .absolute(value)
      return
    }
    var clauses: [Clause] = []
    for part in text.split(separator: 0x2C, omittingEmptySubsequences: false) {
      guard let parsed = Self.clauses(part) else { return nil }
      clauses += parsed
    }
    form = .symbolic(clauses)
  }

  /// The permissions that a number gives; nil for letters, which change what is there.
  package var number: UInt32? {
    if case .absolute(let value) = form { value } else { nil }
  }

  private static func clauses(_ text: ArraySlice<UInt8>) -> [Clause]? {
    var rest = text
    var template = Clause(operation: 0, reach: 0)
    while let byte = rest.first, "ugoa".utf8.contains(byte) {
      switch byte {
      case UInt8(ascii: "u"):
        template.reach |= 0o700
        template.reachesUser = true
      case UInt8(ascii: "g"):
        template.reach |= 0o070
        template.reachesGroup = true
      case UInt8(ascii: "o"): template.reach |= 0o007
      default:
        template.reach |= 0o777
        template.reachesUser = true
        template.reachesGroup = true
      }
      rest = rest.dropFirst()
    }
    if template.reach == 0 {
      template.reach = 0o777
      template.reachesUser = true
      template.reachesGroup = true
    }
    var result: [Clause] = []
    while let operation = rest.popFirst() {
      guard "+-=".utf8.contains(operation) else { return nil }
      var clause = template
      clause.operation = operation
      while let byte = rest.first, !"+-=".utf8.contains(byte) {
        switch byte {
        case UInt8(ascii: "r"): clause.bits |= 4
        case UInt8(ascii: "w"): clause.bits |= 2
        case UInt8(ascii: "x"): clause.bits |= 1
        case UInt8(ascii: "X"): clause.executesIfExecutable = true
        case UInt8(ascii: "s"): clause.setsIDs = true
        case UInt8(ascii: "t"): clause.isSticky = true
        case UInt8(ascii: "u"): clause.copies = 6
        case UInt8(ascii: "g"): clause.copies = 3
        case UInt8(ascii: "o"): clause.copies = 0
        default: return nil
        }
        rest = rest.dropFirst()
      }
      result.append(clause)
    }
    return result.isEmpty ? nil : result
  }

  /// The permissions that an object of these permissions gets.
  package func applied(to permissions: UInt32, isDirectory: Bool) -> UInt32 {
    switch form {
    case .absolute(let value): return value
    case .symbolic(let clauses):
      return clauses.reduce(permissions) { Self.apply($1, to: $0, isDirectory: isDirectory) }
    }
  }

  private static func apply(_ clause: Clause, to permissions: UInt32, isDirectory: Bool) -> UInt32 {
    var digit = clause.bits
    if clause.executesIfExecutable, isDirectory || permissions & 0o111 != 0 { digit |= 1 }
    if let shift = clause.copies { digit |= (permissions >> shift) & 7 }
    var bits = (digit << 6 | digit << 3 | digit) & clause.reach
    if clause.setsIDs {
      if clause.reachesUser { bits |= 0o4000 }
      if clause.reachesGroup { bits |= 0o2000 }
    }
    if clause.isSticky { bits |= 0o1000 }
    switch clause.operation {
    case UInt8(ascii: "+"): return permissions | bits
    case UInt8(ascii: "-"): return permissions & ~bits
    default:
      var cleared = clause.reach
      // As GNU chmod does: `=` leaves the set-id bits of folders alone unless they are named.
      if !isDirectory || clause.setsIDs {
        if clause.reachesUser { cleared |= 0o4000 }
        if clause.reachesGroup { cleared |= 0o2000 }
      }
      return permissions & ~cleared | bits
    }
  }
}
