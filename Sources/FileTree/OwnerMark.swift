/// A record of an ``OwnershipTable``, kept with the object itself in an extended attribute.
///
/// A path says whose a record is as long as nobody moves anything. While a command runs, the attribute travels instead:
/// through renames, hard links and the copies that an overlay makes. Only regular files and folders can have one
/// (xattr(7), "Extended user attributes").
///
/// The value is text: `uid:gid`, or `uid:gid:mode:device:capability` with what is missing left empty; the mode is octal and
/// the capability hexadecimal. A command can write one too, about files that are its own: what cannot be read counts for
/// nothing.
package enum OwnerMark {
  /// The name of the attribute.
  package static let name = Array("user.slipway.owner".utf8)

  /// The longest value that is read. The kernel's bound for `security.capability` is 24 bytes.
  package static let maximumLength = 256

  /// Whether objects in a folder can have marks; tried on the folder itself.
  package static func works(in folder: borrowing Directory) -> Bool {
    do throws(FileError) {
      try folder.setAttribute(BytePath(), ExtendedAttribute(name: name, value: encode(.init(owner: .root))))
      try folder.removeAttribute(BytePath(), name)
      return true
    } catch {
      // Then records stand in the table alone.
      return false
    }
  }

  package static func canBe(on type: FileType) -> Bool { type == .regular || type == .directory }

  /// The value of the attribute.
  package static func encode(_ record: OwnershipTable.Record) -> [UInt8] {
    var text = "\(record.owner.uid):\(record.owner.gid)"
    if record.mode != nil || record.rdev != 0 || record.capability != nil {
      text += ":" + (record.mode.map { String($0, radix: 8) } ?? "")
      text += ":" + (record.rdev == 0 ? "" : String(record.rdev))
      text += ":"
      for byte in record.capability ?? [] {
        text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }
    }
    return Array(text.utf8)
  }

  /// The record that a value stands for.
  package static func decode(_ value: some Collection<UInt8>) -> OwnershipTable.Record? {
    guard value.count <= maximumLength else { return nil }
    let fields = value.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard fields.count == 2 || fields.count == 5, let uid = number(fields[0], 10, upTo: identities),
      let gid = number(fields[1], 10, upTo: identities)
    else { return nil }
    var record = OwnershipTable.Record(owner: Owner(uid: UInt32(uid), gid: UInt32(gid)))
    guard fields.count == 5 else { return record }
    if !fields[2].isEmpty {
      guard let mode = number(fields[2], 8, upTo: 0o177777) else { return nil }
      record.mode = UInt32(mode)
    }
    if !fields[3].isEmpty {
      guard let device = number(fields[3], 10, upTo: .max) else { return nil }
      record.rdev = device
    }
    if !fields[4].isEmpty {
      guard let bytes = bytes(fields[4]) else { return nil }
      record.capability = bytes
    }
    return record
  }

  /// The last one means "no change" to the kernel.
  private static let identities = UInt64(UInt32.max) - 1

  private static func number(_ digits: some Collection<UInt8>, _ radix: UInt64, upTo limit: UInt64) -> UInt64?
  {
    guard !digits.isEmpty, digits.count <= 20 else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard digit >= 0x30, UInt64(digit - 0x30) < radix else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: radix)
      let (sum, overflow) = product.addingReportingOverflow(UInt64(digit - 0x30))
      guard !tooLarge, !overflow else { return nil }
      value = sum
    }
    return value <= limit ? value : nil
  }

  private static func bytes(_ digits: some Collection<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var result: [UInt8] = []
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x61...0x66: value = digit - 0x61 + 10
      default: return nil
      }
      if let first = high {
        result.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return result
  }
}

/// Records of objects that cannot carry a mark, by their inode: links, fifos, sockets, and everything on a file system that keeps
/// no attributes. An inode is given out again, so the time at which it was made tells whether it is the same object.
package struct UnmarkedOwners: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var born: Timestamp
    package var record: OwnershipTable.Record

    package init(born: Timestamp, record: OwnershipTable.Record) {
      self.born = born
      self.record = record
    }
  }

  private var entries: [UInt64: Entry] = [:]

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }

  /// Whether something is noted for an inode number, whoever has it now.
  package func mentions(inode: UInt64) -> Bool { entries[inode] != nil }

  package func record(inode: UInt64, born: Timestamp) -> OwnershipTable.Record? {
    guard let entry = entries[inode], entry.born == born else { return nil }
    return entry.record
  }

  /// Notes a record; nil forgets it.
  package mutating func set(_ record: OwnershipTable.Record?, inode: UInt64, born: Timestamp) {
    entries[inode] = record.map { Entry(born: born, record: $0) }
  }
}
