public import SourceText

/// How sure it is that a fix is what the user wants.
public enum Applicability: UInt8, Sendable, Comparable {
  /// Shown, never applied by the tool.
  case displayOnly
  /// Probably right; applied only on request (`--fix-unsafe`).
  case unsafe
  /// Keeps the meaning or is certainly what was meant; applied by `--fix`.
  case safe

  /// Orders from display-only up to safe.
  public static func < (left: Applicability, right: Applicability) -> Bool { left.rawValue < right.rawValue }

  /// The name in output.
  public var name: String {
    switch self {
    case .displayOnly: "display-only"
    case .unsafe: "unsafe"
    case .safe: "safe"
    }
  }
}

/// A replacement of a byte range; an empty range inserts, an empty replacement deletes.
public struct Edit: Hashable, Sendable {
  /// The bytes that go.
  public let range: ByteRange
  /// The bytes that come.
  public let replacement: [UInt8]

  /// Makes an edit from bytes.
  public init(_ range: ByteRange, _ replacement: [UInt8]) {
    self.range = range
    self.replacement = replacement
  }

  /// Makes an edit from a text.
  public init(_ range: ByteRange, _ replacement: String) {
    self.init(range, Array(replacement.utf8))
  }
}

/// Edits that belong together: all are applied, or none.
public struct FixIt: Hashable, Sendable {
  /// What the fix does, in the imperative.
  public let title: String
  /// How sure it is.
  public let applicability: Applicability
  /// The edits, sorted and without overlap.
  public let edits: [Edit]

  /// Makes a fix; nil when there is no edit or two edits overlap.
  public init?(_ title: String, _ applicability: Applicability, _ edits: [Edit]) {
    let sorted = edits.sorted { $0.range < $1.range }
    guard !sorted.isEmpty else { return nil }
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      guard left.range.upper <= right.range.lower, left.range != right.range else { return nil }
    }
    self.title = title
    self.applicability = applicability
    self.edits = sorted
  }
}

/// Applies fixes to a file.
///
/// A fix is applied whole or not at all: one that overlaps an earlier one is left for the next round. Fixes are taken in
/// the order of their first edit, so that the result does not depend on the order in which rules ran.
///
/// - Returns: the new bytes, how many fixes went in, and their edits, sorted.
public func applying(_ fixIts: [FixIt], to bytes: [UInt8], minimum: Applicability) -> (
  bytes: [UInt8], applied: Int, edits: [Edit]
) {
  let candidates = fixIts.filter { $0.applicability >= minimum }.sorted { left, right in
    left.edits[0].range != right.edits[0].range
      ? left.edits[0].range < right.edits[0].range : left.title < right.title
  }
  var taken: [Edit] = []
  var applied = 0
  var seen: Set<[Edit]> = []
  for fixIt in candidates where seen.insert(fixIt.edits).inserted {
    guard fixIt.edits.allSatisfy({ edit in Int(edit.range.upper) <= bytes.count && taken.accepts(edit) })
    else {
      continue
    }
    taken.insertSorted(fixIt.edits)
    applied += 1
  }
  guard applied > 0 else { return (bytes, 0, []) }
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count + 64)
  var offset = 0
  for edit in taken {
    result.append(contentsOf: bytes[offset..<Int(edit.range.lower)])
    result.append(contentsOf: edit.replacement)
    offset = Int(edit.range.upper)
  }
  result.append(contentsOf: bytes[offset...])
  return (result, applied, taken)
}

extension [Edit] {
  /// The index of the first edit that ends behind the offset (the array is sorted and has no overlap).
  private func firstIndex(endingAfter offset: UInt32) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].range.upper <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether an edit touches none of the edits taken already; two insertions at one place collide.
  fileprivate func accepts(_ edit: Edit) -> Bool {
    let index = firstIndex(endingAfter: edit.range.lower)
    if index > 0, self[index - 1].range == edit.range { return false }
    guard index < count else { return true }
    return edit.range.upper <= self[index].range.lower
  }

  fileprivate mutating func insertSorted(_ edits: [Edit]) {
    for edit in edits {
      var index = firstIndex(endingAfter: edit.range.lower)
      while index > 0, self[index - 1].range.lower > edit.range.lower { index -= 1 }
      insert(edit, at: index)
    }
  }
}
