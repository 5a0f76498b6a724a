package import FileTree
import Glibc

/// One change of a tree, such as a command makes; it does the same in every tree that is the same.
package enum RandomChange: Sendable {
  case write(BytePath, [UInt8], permissions: UInt32)
  case overwrite(BytePath, [UInt8], at: Int64)
  case truncate(BytePath, Int64)
  /// Opened for writing, and nothing written.
  case open(BytePath)
  /// Written again with what it holds, or with other bytes, and its time given back.
  case rewrite(BytePath, flipping: Bool)
  case makeDirectory(BytePath)
  case link(BytePath, to: BytePath)
  case hardLink(BytePath, to: BytePath)
  case node(BytePath, FileType)
  case sparse(BytePath)
  case remove(BytePath)
  case permissions(BytePath, UInt32)
  /// Other permissions, and then those that it had.
  case permissionsAndBack(BytePath)
  case owner(BytePath, Owner)
  case time(BytePath, Timestamp)
  /// The time that it has.
  case sameTime(BytePath)
  case rename(BytePath, to: BytePath)
  /// Renamed, and renamed back.
  case renameAndBack(BytePath)
  case attribute(BytePath, ExtendedAttribute)
  case removeAttribute(BytePath, [UInt8])
  /// A folder removed and made again, with one of the names that it had.
  case remake(BytePath)
  /// A folder replaced by a file, and the file by a folder.
  case replaceAndBack(BytePath)
}

/// Chooses changes under a few names, so that every kind of replacement happens. The choice depends on the
/// generator and on the tree's names and types alone.
package struct RandomChanges<Generator: RandomNumberGenerator> {
  package var generator: Generator

  package init(_ generator: Generator) {
    self.generator = generator
  }

  private static var names: [[UInt8]] {
    [Array("a".utf8), Array("b".utf8), Array("a-b".utf8), Array("c.d".utf8), [0xff, 0xfe], Array("é".utf8)]
  }

  private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

  /// A path that may be free, all of whose folders exist and are no links.
  private mutating func place(_ entries: [Snapshot.Entry]) -> BytePath {
    let folders = [BytePath()] + entries.filter(\.status.isDirectory).map(\.path)
    let folder = folders[below(folders.count)]
    return folder.joining(Self.names[below(Self.names.count)])
  }

  private mutating func one(_ entries: [Snapshot.Entry], _ types: Set<FileType> = []) -> BytePath? {
    let found = entries.filter { types.isEmpty || types.contains($0.status.type) }
    return found.isEmpty ? nil : found[below(found.count)].path
  }

  /// The next change of a tree, given what is in it; nil if the one that was drawn makes no sense there.
  package mutating func next(in snapshot: Snapshot) -> RandomChange? {
    let entries = snapshot.entries
    let mode = UInt32([0o644, 0o600, 0o755, 0o4755, 0o2755, 0o1777, 0o400, 0][below(8)])
    switch below(28) {
    case 0, 1, 2:
      let bytes = [UInt8](repeating: UInt8(below(3)), count: below(3) * 700)
      return .write(place(entries), bytes, permissions: mode)
    case 3, 4: return one(entries, [.regular]).map { .overwrite($0, [9, 8, 7], at: Int64(below(800))) }
    case 5: return one(entries, [.regular]).map { .truncate($0, Int64(below(3) * 700)) }
    case 6: return one(entries, [.regular]).map { .open($0) }
    case 7: return one(entries, [.regular]).map { .rewrite($0, flipping: below(2) == 0) }
    case 8, 9: return .makeDirectory(place(entries))
    case 10: return .link(place(entries), to: place(entries))
    case 11, 12:
      let new = place(entries)
      guard let target = one(entries, [.regular, .symbolicLink, .fifo]) else { return nil }
      return target.isWithin(new) ? nil : .hardLink(new, to: target)
    case 13:
      // No sockets: a layer cannot hold one, nor say that it is where a file was.
      let type = [FileType.fifo, .characterDevice, .blockDevice][below(3)]
      return .node(place(entries), type)
    case 14: return .sparse(place(entries))
    case 15, 16, 17: return one(entries).map { .remove($0) }
    case 18: return one(entries, [.regular, .directory, .fifo]).map { .permissions($0, mode) }
    case 19: return one(entries, [.regular, .directory]).map { .permissionsAndBack($0) }
    case 20: return one(entries).map { .owner($0, Owner(uid: UInt32(below(3)), gid: UInt32(below(3)))) }
    case 21:
      let time = Timestamp(seconds: Int64(below(3)) * 1_000_000, nanoseconds: UInt32(below(2)) * 5)
      return one(entries).map { .time($0, time) }
    case 22: return one(entries).map { .sameTime($0) }
    case 23:
      guard let old = one(entries) else { return nil }
      let new = place(entries)
      return new.isWithin(old) || old.isWithin(new) ? nil : .rename(old, to: new)
    case 24: return one(entries).map { .renameAndBack($0) }
    case 25:
      let value = [UInt8](repeating: UInt8(below(2)), count: 3)
      if below(3) == 0 {
        // cap_net_raw, in revision 2 (capabilities(7)).
        let capability: [UInt8] =
          [1, 0, 0, 2, 0, UInt8(32 << below(2)), 0, 0] + [UInt8](repeating: 0, count: 12)
        return one(entries, [.regular]).map {
          .attribute($0, ExtendedAttribute(name: ExtendedAttribute.capabilityName, value: capability))
        }
      }
      let name = Array(["user.x", "user.y"][below(2)].utf8)
      if below(3) == 0 { return one(entries, [.regular, .directory]).map { .removeAttribute($0, name) } }
      return one(entries, [.regular, .directory]).map {
        .attribute($0, ExtendedAttribute(name: name, value: value))
      }
    case 26: return one(entries, [.directory]).map { .remake($0) }
    default: return one(entries, [.directory]).map { .replaceAndBack($0) }
    }
  }
}

extension RandomChange {
  /// Whether it gives something that is neither a regular file nor a folder another name. An overlay with user attributes
  /// can put none on such an object, and shows its names as objects of their own.
  package func namesSpecialFile(in root: borrowing Directory) throws(FileError) -> Bool {
    guard case .hardLink(_, let target) = self else { return false }
    return try !root.status(target).isRegular
  }

  package var makesBlockDevice: Bool {
    if case .node(_, .blockDevice) = self { true } else { false }
  }

  /// Makes the change as real root. Paths are those of the tree, and no folder in them is a link.
  package func apply(to root: borrowing Directory) throws(FileError) {
    switch self {
    case .write(let path, let bytes, let permissions):
      try root.removeTree(path)
      try root.writeFile(path, bytes, permissions: permissions)
    case .overwrite(let path, let bytes, let offset):
      try Self.edit(path, root) { file in
        unsafe pwrite(file, bytes, bytes.count, Int(offset)) == bytes.count
      }
    case .truncate(let path, let size): try Self.edit(path, root) { ftruncate($0, Int(size)) == 0 }
    case .open(let path): try Self.edit(path, root) { _ in true }
    case .rewrite(let path, let flipping):
      let time = try root.status(path).modified
      var bytes = try root.readFile(path, limit: 1 << 24)
      if flipping, !bytes.isEmpty { bytes[0] ^= 0xff }
      try Self.edit(path, root) { unsafe pwrite($0, bytes, bytes.count, 0) == bytes.count }
      try root.setModified(path, time)
    case .makeDirectory(let path):
      try root.removeTree(path)
      try root.makeDirectory(path)
    case .link(let path, let target):
      try root.removeTree(path)
      try root.makeSymbolicLink(to: target, at: path)
    case .hardLink(let path, let target):
      try root.removeTree(path)
      try root.makeHardLink(to: target, at: path)
    case .node(let path, let type):
      try root.removeTree(path)
      let device = DeviceNumber(major: type.isDevice ? 1 : 0, minor: type.isDevice ? 3 : 0)
      try root.makeNode(type, at: path, permissions: 0o640, device: device)
    case .sparse(let path):
      try root.removeTree(path)
      let file = try root.createFile(path)
      try file.write([1, 2, 3], at: 300_000)
      try file.setSize(500_000)
    case .remove(let path): try root.removeTree(path)
    case .permissions(let path, let mode): try root.setPermissions(path, mode)
    case .permissionsAndBack(let path):
      let mode = try root.status(path).permissions
      try root.setPermissions(path, mode ^ 0o111)
      try root.setPermissions(path, mode)
    case .owner(let path, let owner): try root.setOwner(path, owner)
    case .time(let path, let time): try root.setModified(path, time)
    case .sameTime(let path): try root.setModified(path, try root.status(path).modified)
    case .rename(let old, let new):
      try root.removeTree(new)
      try Self.move(old, to: new, root)
    case .renameAndBack(let path):
      let other = path.parent.joining(Array("other".utf8))
      try Self.move(path, to: other, root)
      try Self.move(other, to: path, root)
    case .attribute(let path, let attribute): try root.setAttribute(path, attribute)
    case .removeAttribute(let path, let name):
      if try root.attribute(path, name) != nil { try root.removeAttribute(path, name) }
    case .remake(let path):
      let first = try root.list(path).first
      try root.removeTree(path)
      try root.makeDirectory(path)
      if let first { try root.writeFile(path.joining(first.name), [5]) }
    case .replaceAndBack(let path):
      try root.removeTree(path)
      try root.writeFile(path, [6])
      try root.removeFile(path)
      try root.makeDirectory(path)
    }
  }

  /// What mv(1) does: where a folder cannot be renamed, as on overlays, it is copied. It is copied everywhere, as the
  /// trees have to stay the same.
  private static func move(_ old: BytePath, to new: BytePath, _ root: borrowing Directory) throws(FileError) {
    guard try root.status(old).isDirectory else { return try root.rename(old, to: new) }
    var options = TreeCopy.Options()
    options.attributes = .capabilitiesAndUser
    var copy = TreeCopy(options, placement: Placement(owners: nil))
    do throws(TreeCopyError) {
      try copy.copy(from: root, old, to: root, new)
    } catch {
      if case .file(let inner) = error { throw inner }
      throw FileError(.copy, old, EIO)
    }
    try root.removeTree(old)
  }

  private static func edit(
    _ path: BytePath, _ root: borrowing Directory, _ body: (CInt) -> Bool
  ) throws(FileError) {
    let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
    let raw = unsafe openat(root.fileDescriptor, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard raw >= 0 else { throw FileError(.open, path, errno) }
    defer { close(raw) }
    guard body(raw) else { throw FileError(.write, path, errno) }
  }
}
