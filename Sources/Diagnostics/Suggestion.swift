/// The candidate nearest to a misspelt word, for "did you mean".
///
/// Distance is Damerau's (insert, delete, replace, swap neighbours), letter case aside; a candidate farther away than a
/// third of the longer word's length is none. Ties go to the first candidate, so give them sorted.
public func nearest(to word: [UInt8], among candidates: [String]) -> (candidate: String, distance: Int)? {
  guard word.count <= 64 else { return nil }
  let word = word.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let other = candidate.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    let limit = min(max(1, max(word.count, other.count) / 3), other.count - 1)
    // The lengths alone often say that it is too far, and a file of nonsense asks often.
    guard abs(word.count - other.count) <= limit else { continue }
    let distance = editDistance(word, other)
    guard distance <= limit else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for (row, byte) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      var distance = min(
        previous[column + 1] + 1, current[column] + 1, previous[column] + (byte == other ? 0 : 1))
      if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
        distance = min(distance, beforePrevious[column - 1] + 1)
      }
      current.append(distance)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.count]
}
