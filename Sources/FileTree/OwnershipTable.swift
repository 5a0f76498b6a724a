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
/// A record is tied to its object by path alone. In a tree that other programs are to change, objects carry their records
/// too (``marksObjects``), and ``collecting(from:unmarked:)`` reads them back afterwards.
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

    /// What an object looks like, given what the disk says about it.
    package func applied(to status: FileStatus) -> FileStatus {
      var status = status
      status.owner = owner
      guard let mode, let type = FileType(mode: mode) else { return status }
      let isDevice = status.isRegular && status.size == 0 && type.isDevice
      guard isDevice || type == status.type else { return status }
      // Another mode than the widened one means that somebody has changed it since.
      let permissions = mode & 0o7777
      if status.permissions == OwnershipTable.permissionsOnDisk(permissions, type: status.type) {
        status.permissions = permissions
      }
      if isDevice {
        status.type = type
        status.rdev = rdev
      }
      return status
    }
  }

  /// The owner of everything without a record.
  package let defaultOwner: Owner
  /// Whether objects carry their records, too, as ``OwnerMark``: every file that has a record and can have a mark has one.
  package var marksObjects = false
  /// Whether objects get permissions on disk that let their owner in; root of a user namespace needs none, and then modes
  /// on disk are the true ones.
  package var widensPermissions = true
  /// The owners that stand on the disk, where it can carry some: then only what it cannot has a record, and the owner of an
  /// object without one is what the disk says. nil where all belongs to ``defaultOwner`` on the disk.
  package var disk: DiskOwners?
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
      records[path] = newValue.flatMap { isVoid($0) ? nil : $0 }
    }
  }

  /// Whether a record says nothing that the disk does not say.
  package func isVoid(_ record: Record) -> Bool {
    guard record == Record(owner: record.owner) else { return false }
    return disk?.holds(record.owner) ?? (record.owner == defaultOwner)
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

  /// The same, where this table widens them.
  func permissionsToSet(_ permissions: UInt32, type: FileType) -> UInt32 {
    widensPermissions ? Self.permissionsOnDisk(permissions, type: type) : permissions
  }

  /// What an object should look like, given what the disk says about it.
  package func applying(
    to status: FileStatus, _ attributes: [ExtendedAttribute], at path: BytePath
  ) -> (FileStatus, [ExtendedAttribute]) {
    var status = status
    var attributes = attributes
    if marksObjects { attributes.removeAll { $0.name == OwnerMark.name } }
    guard let record = records[path] else {
      if disk == nil { status.owner = defaultOwner }
      return (status, attributes)
    }
    status = record.applied(to: status)
    if let capability = record.capability, status.isRegular {
      let name = ExtendedAttribute.capabilityName
      if !attributes.contains(where: { $0.name == name }) {
        attributes.append(ExtendedAttribute(name: name, value: capability))
        attributes.sort { $0.name.lexicographicallyPrecedes($1.name) }
      }
    }
    return (status, attributes)
  }

  /// The table of a tree that a command has changed, by what its objects carry and what is noted about the others.
  /// - Parameters:
  ///   - tree: captured with ``AttributeSelection/capabilitiesAndMark``.
  ///   - unmarked: what is known of objects without marks, by their inodes.
  ///   - born: when the object of a path was made; asked only about paths whose inode is in `unmarked`.
  package func collecting(
    from tree: Snapshot, unmarked: UnmarkedOwners, born: (BytePath) throws(FileError) -> Timestamp
  ) throws(FileError) -> OwnershipTable {
    var result = OwnershipTable(defaultOwner: defaultOwner)
    result.marksObjects = marksObjects
    result.widensPermissions = widensPermissions
    result.disk = disk
    // A snapshot is without the folder itself, which no step replaces.
    result[BytePath()] = records[BytePath()]
    for index in tree.indices {
      let status = tree.records[index].status
      if marksObjects, OwnerMark.canBe(on: status.type) {
        guard let mark = tree.attributes(at: index).first(where: { $0.name == OwnerMark.name }),
          let record = OwnerMark.decode(mark.value)
        else { continue }
        result[BytePath(Array(tree.path(at: index)))] = record
      } else if unmarked.mentions(inode: status.inode) {
        let path = BytePath(Array(tree.path(at: index)))
        guard let record = unmarked.record(inode: status.inode, born: try born(path)) else { continue }
        result[path] = record
      }
    }
    return result
  }

  /// What has to be noted about objects of a tree, by their inodes, because they carry no marks.
  package func unmarked(
    in tree: Snapshot, born: (BytePath) throws(FileError) -> Timestamp
  ) throws(FileError) -> UnmarkedOwners {
    var result = UnmarkedOwners()
    for (path, record) in records {
      guard let index = tree.index(of: path) else { continue }
      let status = tree.records[index].status
      if marksObjects, OwnerMark.canBe(on: status.type) { continue }
      result.set(record, inode: status.inode, born: try born(path))
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
