/// The lines of a text by their beginnings, so that looking for the end of a here-document does not cost a walk over the
/// rest of the file each time.
///
/// For each length of marker that occurs there is a table of the lines that are at least as long. A line is in no more
/// tables than it has characters, so all tables together are no larger than the file.
struct HadolintLines {
  private let text: [UInt32]
  /// Start and length of each line, the longest first.
  private let lines: [(start: Int, length: Int)]
  /// For each index a hash of its line up to and with it.
  private let hashes: [UInt64]
  /// The starts of lines by the hash of their beginning, in order; by length of beginning.
  private var tables: [Int: [UInt64: [Int]]] = [:]
  /// How many lines may still be looked at without success: those that have only the first line of a marker of several
  /// lines, which is a quoted one with a line end in it, or only its hash.
  private var budget: Int

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  init(_ text: [UInt32]) {
    self.text = text
    budget = 64 * (text.count + 16)
    var lines: [(start: Int, length: Int)] = []
    var hashes: [UInt64] = []
    hashes.reserveCapacity(text.count)
    var start = 0
    var hash = HadolintLines.seed
    for index in text.indices {
      hash = HadolintLines.hash(text[index], after: hash)
      hashes.append(hash)
      if text[index] == HadolintReader.newline {
        lines.append((start, index - start))
        start = index + 1
        hash = HadolintLines.seed
      }
    }
    lines.append((start, text.count - start))
    self.hashes = hashes
    self.lines = lines.sorted { ($0.length, $1.start) > ($1.length, $0.start) }
  }

  /// The start of the first line, with its preceding line end at or behind an index, that begins with a marker.
  mutating func firstLine(after index: Int, beginningWith marker: [UInt32]) -> Int? {
    let length = marker.firstIndex(of: HadolintReader.newline) ?? marker.count
    let hash = marker[..<length].reduce(HadolintLines.seed) { HadolintLines.hash($1, after: $0) }
    guard let candidates = table(length)[hash] else { return nil }
    var low = 0
    var high = candidates.count
    while low < high {
      let middle = (low + high) / 2
      if candidates[middle] > index { high = middle } else { low = middle + 1 }
    }
    for start in candidates[low...] {
      let end = start + marker.count
      if end <= text.count, text[start..<end].elementsEqual(marker) { return start }
      budget -= 1 + marker.count
      guard budget >= 0 else { return nil }
    }
    return nil
  }

  private mutating func table(_ length: Int) -> [UInt64: [Int]] {
    if let table = tables[length] { return table }
    var low = 0
    var high = lines.count
    while low < high {
      let middle = (low + high) / 2
      if lines[middle].length >= length { low = middle + 1 } else { high = middle }
    }
    var table: [UInt64: [Int]] = [:]
    for start in lines[..<low].map(\.start).sorted() {
      let hash = length == 0 ? HadolintLines.seed : hashes[start + length - 1]
      table[hash, default: []].append(start)
    }
    tables[length] = table
    return table
  }

  private static func hash(_ scalar: UInt32, after hash: UInt64) -> UInt64 {
    (hash ^ UInt64(scalar)) &* 0x100_0000_01B3
  }
}
