/// Owners, permissions and device numbers that the disk could not be given.
///
/// A process without privileges in a user namespace of one id cannot give files away, make devices
/// or set file capabilities, and it locks itself out of a folder with mode 0. What an object should
/// carry is recorded here by its canonical path, and read back when a tree is compared or packed:
///
/// * an owner other than ``defaultOwner``;
/// * a device node, which on disk is an empty regular file;
/// * permissions that had to be widened on disk for the builder to get in;
/// * a `security.capability` value.
///
/// A record is tied to its object by path alone. Whoever lets other programs change the tree calls
/// ``keeping(from:to:)`` afterwards, so that a record does not outlive its object.
package struct OwnershipTable: Hashable, Sendable {
  package struct Record: Hashable, Sendable {
    package var owner: Owner
    /// Type and permissions as in `st_mode`, where they differ from the disk.
    package var mode: UInt32?
    /// The device number, for a placeholder.
    package var rdev: UInt64
    /// The value of `security.capability`.
    package var capability: [UInt8]?

    package init(owner: Owner, mode: UInt32? = nil, rdev: UInt64 = 0, capability: [UInt8]? = nil) {
      self.owner = owner
      self.mode = mode
      self.rdev = rdev
      self.capability = capability
    }
  }

  /// The owner of everything without a record.
  package let defaultOwner: Owner
  private(set) var records: [BytePath: Record] = [:]

  package init(defaultOwner: Owner = .root) {
    self.defaultOwner = defaultOwner
  }

  package var isEmpty: Bool { records.isEmpty }
  package var count: Int { records.count }

  /// The record of a canonical path. Setting one that says nothing removes it.
  package subscript(path: BytePath) -> Record? {
    get { records[path] }
    set {
      let void = newValue == Record(owner: defaultOwner)
      records[path] = void ? nil : newValue
    }
  }

  /// All records, sorted by the bytes of their paths.
  package var sorted: [(path: BytePath, record: Record)] {
    records.sorted { $0.key < $1.key }.map { (path: $0.key, record: $0.value) }
  }

  /// Forgets a path and everything below it.
  package mutating func remove(subtree path: BytePath) {
    guard !records.isEmpty else { return }
    records[path] = nil
    for key in records.keys where key.isWithin(path) { records[key] = nil }
  }

  /// Moves the records of a path and everything below it.
  package mutating func rename(_ old: BytePath, to new: BytePath) {
    let moved = records.filter { $0.key.isWithin(old) }
    remove(subtree: old)
    remove(subtree: new)
    for (key, record) in moved {
      records[BytePath(new.bytes + key.bytes.dropFirst(old.bytes.count))] = record
    }
  }

  /// The permissions that an object gets on disk so that its owner can always read it, and enter and
  /// change a folder.
  package static func permissionsOnDisk(_ permissions: UInt32, type: FileType) -> UInt32 {
    permissions | (type == .directory ? 0o700 : type == .regular ? 0o600 : 0)
  }

  /// What an object should look like, given what the disk says about it.
  package func applying(
    to status: FileStatus, _ attributes: [ExtendedAttribute], at path: BytePath
  ) -> (FileStatus, [ExtendedAttribute]) {
    var status = status
    guard let record = records[path] else {
      status.owner = defaultOwner
      return (status, attributes)
    }
    status.owner = record.owner
    if let mode = record.mode, let type = FileType(mode: mode) {
      if type == status.type {
        // Another mode than the widened one means that somebody has changed it since.
        let permissions = mode & 0o7777
        if status.permissions == Self.permissionsOnDisk(permissions, type: type) {
          status.permissions = permissions
        }
      } else if status.isRegular, status.size == 0, type.isDevice {
        status.type = type
        status.permissions = mode & 0o7777
        status.rdev = record.rdev
      }
    }
    var attributes = attributes
    if let capability = record.capability, status.isRegular {
      let name = ExtendedAttribute.capabilityName
      if !attributes.contains(where: { $0.name == name }) {
        attributes.append(ExtendedAttribute(name: name, value: capability))
        attributes.sort { $0.name.lexicographicallyPrecedes($1.name) }
      }
    }
    return (status, attributes)
  }

  /// The table after a tree went from `old` to `new`, both captured from the disk: records whose
  /// object is gone, has become another object or has another type are dropped.
  package func keeping(from old: Snapshot, to new: Snapshot) -> OwnershipTable {
    var result = self
    for path in records.keys where !path.isEmpty {
      guard let before = old.index(of: path), let after = new.index(of: path),
        old.records[before].status.inode == new.records[after].status.inode,
        old.records[before].status.device == new.records[after].status.device,
        old.records[before].status.type == new.records[after].status.type
      else {
        result.records[path] = nil
        continue
      }
    }
    return result
  }
}

extension Snapshot {
  /// The snapshot with what a table says in place of what the disk says.
  package func applying(_ table: OwnershipTable) -> Snapshot {
    var result = self
    for index in indices {
      let path = BytePath(Array(path(at: index)))
      let before = attributes(at: index)
      let (status, after) = table.applying(to: records[index].status, before, at: path)
      result.records[index].status = status
      if after != before {
        result.records[index].attributes = result.attributeLists.count
        result.attributeLists.append(after)
      }
    }
    return result
  }
}
