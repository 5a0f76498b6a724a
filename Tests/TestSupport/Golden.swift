/// Golden files: what a program is expected to print, kept in the repository.
///
/// With `UPDATE_GOLDEN=1` in the environment the files are written instead of compared; look at the difference with git.
package enum Golden {
  /// Whether this run writes the golden files.
  package static var isUpdating: Bool { Environment["UPDATE_GOLDEN"] == "1" }

  /// Compares bytes with a file below `Fixtures`.
  ///
  /// - Returns: nil when they are equal (or the file has been written), else a sentence with the first line that differs.
  package static func difference(_ actual: [UInt8], from path: String) throws -> String? {
    let file = TestSupport.fixture(path)
    if isUpdating {
      if try !Files.exists(file) || Files.read(file) != actual { try Files.write(actual, to: file) }
      return nil
    }
    guard Files.exists(file) else { return "\(path) is missing; run with UPDATE_GOLDEN=1 and look at it" }
    let expected = try Files.read(file)
    guard expected != actual else { return nil }
    let left = expected.split(separator: 0x0A, omittingEmptySubsequences: false)
    let right = actual.split(separator: 0x0A, omittingEmptySubsequences: false)
    var line = 0
    while line < left.count, line < right.count, left[line] == right[line] { line += 1 }
    func shown(_ lines: [ArraySlice<UInt8>]) -> String {
      line < lines.count ? String(decoding: lines[line], as: UTF8.self) : "(end of file)"
    }
    return """
      \(path) differs from line \(line + 1) on; UPDATE_GOLDEN=1 writes it anew
      expected: \(shown(left))
      actual:   \(shown(right))
      """
  }
}
