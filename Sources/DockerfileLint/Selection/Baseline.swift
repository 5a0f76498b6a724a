import Diagnostics

/// Findings that are known and do not count, so that only new ones fail a run.
///
/// A finding is known by its file, its rule and the text of its instruction; lines may move. The file is text, a line a
/// kind of finding, sorted, so that it merges well:
///
///     # slipway baseline 1
///     services/api/Dockerfile	DL3008	8d1f…	2
package struct Baseline: Sendable {
  /// Why a file is no baseline.
  package enum ParseError: Error, Equatable {
    /// The first line is not the head of a baseline.
    case missingHead
    /// A line (from 1) has not four fields.
    case malformedLine(Int)
  }

  private struct Key: Hashable, Comparable {
    let path: [UInt8]
    let rule: String
    let text: String

    static func < (left: Key, right: Key) -> Bool {
      if left.path != right.path { return left.path.lexicographicallyPrecedes(right.path) }
      return left.rule != right.rule ? left.rule < right.rule : left.text < right.text
    }
  }

  /// How many findings of each kind are known.
  private var counts: [Key: Int] = [:]
  /// A digest of some bytes in hexadecimal digits.
  private let digest: @Sendable ([UInt8]) -> String

  private static let head = "# slipway baseline 1"

  /// An empty baseline.
  ///
  /// - Parameter digest: a digest of some bytes in hexadecimal digits; injected, because hashing is no matter of text.
  package init(digest: @escaping @Sendable ([UInt8]) -> String) {
    self.digest = digest
  }

  /// Reads a baseline.
  package init(_ bytes: [UInt8], digest: @escaping @Sendable ([UInt8]) -> String) throws(ParseError) {
    self.init(digest: digest)
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard let first = lines.first, first.elementsEqual(Self.head.utf8) else { throw .missingHead }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty && line.first != 0x23 {
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
      guard fields.count == 4, let count = Int(String(decoding: fields[3], as: UTF8.self)), count > 0 else {
        throw .malformedLine(index + 1)
      }
      let key = Key(
        path: Array(fields[0]), rule: String(decoding: fields[1], as: UTF8.self),
        text: String(decoding: fields[2], as: UTF8.self))
      counts[key, default: 0] += count
    }
  }

  /// Adds the findings of a file.
  ///
  /// - Parameter path: the file as seen from the baseline's folder; tabs and line ends in it become blanks.
  package mutating func add(_ result: LintResult, path: [UInt8]) {
    for index in result.findings.indices { counts[key(result, index, path), default: 0] += 1 }
  }

  /// Takes known findings out of a file's; each is excused as often as it is known.
  ///
  /// - Returns: the findings that are new.
  package func newFindings(of result: LintResult, path: [UInt8]) -> LintResult {
    guard !counts.isEmpty, !result.findings.isEmpty else { return result }
    var left = counts
    return result.filtered { index in
      let key = key(result, index, path)
      guard let count = left[key], count > 0 else { return true }
      left[key] = count - 1
      return false
    }
  }

  /// How many findings are known.
  package var count: Int { counts.values.reduce(0, +) }

  private func key(_ result: LintResult, _ index: Int, _ path: [UInt8]) -> Key {
    Key(
      path: path.map { $0 == 0x09 || $0 == 0x0A ? 0x20 : $0 },
      rule: RuleRegistry.canonicalID(for: result.findings[index].code.id) ?? result.findings[index].code.id,
      text: digest(result.text(ofFinding: index)))
  }

  /// The baseline as a file.
  package var bytes: [UInt8] {
    var bytes = Array((Self.head + "\n").utf8)
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
      bytes += key.path + Array("\t\(key.rule)\t\(key.text)\t\(count)\n".utf8)
    }
    return bytes
  }
}
