/// Many operands of the command line as one argument.
///
/// The time that ArgumentParser needs grows with the square of the number of arguments: for the 4,000 files that `xargs`
/// hands over at once it would be half of the time of a run. The kernel lets no argument contain a NUL, so one between the
/// operands is as good as their being apart.
enum OperandBundle {
  /// Fewer arguments than this are not worth it.
  private static let minimum = 16

  /// The arguments with the operands at the end of `lint` as one.
  static func bundled(_ arguments: [String]) -> [String] {
    guard arguments.count >= minimum, arguments[0] == "lint" else { return arguments }
    // What stands behind an option may be its value.
    var start = arguments.lastIndex { $0.utf8.first == 0x2D }.map { $0 + 2 } ?? 1
    start = max(start, 1)
    guard start < arguments.count else { return arguments }
    return arguments[..<start] + [arguments[start...].joined(separator: "\0")]
  }

  /// The operands one by one.
  static func unbundled(_ operands: [String]) -> [String] {
    operands.flatMap { operand in
      // In an array: a view of a text is asked for each byte where it lies.
      Array(operand.utf8).split(separator: 0, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }
}
