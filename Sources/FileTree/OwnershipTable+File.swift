/// Why the bytes of an ownership table cannot be read.
package enum OwnershipTableError: Error, Hashable, Sendable {
  case notATable
  /// The bytes end early, or hold a value out of its range, at this offset.
  case malformed(offset: Int)
}

// The file:
//
//   "SLIPOWN1"
//   default uid, default gid, number of records
//   for each record, in the byte order of the paths:
//     length of the prefix shared with the path before, length of the rest, the rest
//     uid, gid, mode + 1 (0 for none), device number, length of the capability + 1 (0 for none), the
//     capability
//
// Numbers are LEB128 without padding. The same table always gives the same bytes.
extension OwnershipTable {
  private static let magic = Array("SLIPOWN1".utf8)
  private static let maximumPath: UInt64 = 65535

  /// The table as the bytes of a file.
  package var encoded: [UInt8] {
    var out = Self.magic
    append(UInt64(defaultOwner.uid), &out)
    append(UInt64(defaultOwner.gid), &out)
    append(UInt64(count), &out)
    var previous: [UInt8] = []
    for (path, record) in sorted {
      let shared = zip(previous, path.bytes).prefix { $0 == $1 }.count
      append(UInt64(shared), &out)
      append(UInt64(path.bytes.count - shared), &out)
      out += path.bytes[shared...]
      append(UInt64(record.owner.uid), &out)
      append(UInt64(record.owner.gid), &out)
      append(record.mode.map { UInt64($0) + 1 } ?? 0, &out)
      append(record.rdev, &out)
      append(record.capability.map { UInt64($0.count) + 1 } ?? 0, &out)
      out += record.capability ?? []
      previous = path.bytes
    }
    return out
  }

  private func append(_ value: UInt64, _ out: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(rest))
  }

  /// Reads a table back. Every byte must be accounted for.
  package init(decoding bytes: [UInt8]) throws(OwnershipTableError) {
    guard bytes.starts(with: Self.magic) else { throw .notATable }
    var reader = Reader(bytes: bytes, at: Self.magic.count)
    let uid = try reader.identifier()
    self.init(defaultOwner: Owner(uid: uid, gid: try reader.identifier()))
    let count = try reader.number(upTo: UInt64(bytes.count))
    var previous: [UInt8]?
    for _ in 0..<count {
      let start = reader.at
      let shared = Int(try reader.number(upTo: UInt64(previous?.count ?? 0)))
      let rest = Int(try reader.number(upTo: Self.maximumPath))
      let path = (previous ?? [])[..<shared] + (try reader.take(rest))
      if let previous, !previous.lexicographicallyPrecedes(path) { throw .malformed(offset: start) }
      var record = Record(owner: Owner(uid: try reader.identifier(), gid: try reader.identifier()))
      let mode = try reader.number(upTo: 0o177777 + 1)
      if mode > 0 { record.mode = UInt32(mode - 1) }
      record.rdev = try reader.number(upTo: .max)
      let capability = try reader.number(upTo: 65536)
      if capability > 0 { record.capability = Array(try reader.take(Int(capability - 1))) }
      previous = Array(path)
      self[BytePath(Array(path))] = record
    }
    guard reader.at == bytes.count else { throw .malformed(offset: reader.at) }
  }

  private struct Reader {
    let bytes: [UInt8]
    var at: Int

    mutating func number(upTo limit: UInt64) throws(OwnershipTableError) -> UInt64 {
      let start = at
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while at < bytes.count, shift < 64 {
        let byte = bytes[at]
        at += 1
        value |= UInt64(byte & 0x7f) << shift
        if byte & 0x80 == 0 {
          guard value <= limit else { break }
          return value
        }
        shift += 7
      }
      throw .malformed(offset: start)
    }

    mutating func identifier() throws(OwnershipTableError) -> UInt32 {
      UInt32(try number(upTo: UInt64(UInt32.max)))
    }

    mutating func take(_ count: Int) throws(OwnershipTableError) -> ArraySlice<UInt8> {
      guard bytes.count - at >= count else { throw .malformed(offset: at) }
      defer { at += count }
      return bytes[at..<(at + count)]
    }
  }
}
