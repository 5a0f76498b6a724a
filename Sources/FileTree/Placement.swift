import Glibc

/// What an object that is being put into a tree should look like.
package struct ObjectMetadata: Hashable, Sendable {
  package var type: FileType
  package var permissions: UInt32
  package var owner: Owner
  package var modified: Timestamp
  package var device: DeviceNumber
  package var attributes: [ExtendedAttribute]

  package init(
    type: FileType, permissions: UInt32, owner: Owner, modified: Timestamp,
    device: DeviceNumber = DeviceNumber(major: 0, minor: 0), attributes: [ExtendedAttribute] = []
  ) {
    self.type = type
    self.permissions = permissions
    self.owner = owner
    self.modified = modified
    self.device = device
    self.attributes = attributes
  }
}

/// Gives objects their metadata: on the disk where the process may, and otherwise in an
/// ``OwnershipTable``. Used by everything that fills a tree.
package struct Placement: Sendable {
  /// Where owners, devices and capabilities go; `nil` means that the disk carries them.
  package var owners: OwnershipTable?

  package init(owners: OwnershipTable?) {
    self.owners = owners
  }

  /// Sets owner, permissions, attributes and time of an object that exists.
  /// - Parameters:
  ///   - name: the object's name in `folder`.
  ///   - path: its canonical path in the tree, for the table.
  package mutating func apply(
    _ metadata: ObjectMetadata, to name: BytePath, in folder: borrowing Directory, path: BytePath
  ) throws(FileError) {
    do {
      try applyHere(metadata, to: name, in: folder, path: path)
    } catch {
      throw FileError(error.operation, path, error.code)
    }
  }

  private mutating func applyHere(
    _ metadata: ObjectMetadata, to name: BytePath, in folder: borrowing Directory, path: BytePath
  ) throws(FileError) {
    var record = OwnershipTable.Record(owner: metadata.owner)
    var permissions = metadata.permissions
    if let owners {
      permissions = owners.permissionsToSet(permissions, type: metadata.type)
      if permissions != metadata.permissions {
        record.mode = metadata.type.modeBits | metadata.permissions
      }
      // What the disk can hold of an owner is on it, for the kernel to go by.
      if let disk = owners.disk { try folder.setOwner(name, disk.held(metadata.owner, otherwise: .root)) }
    } else {
      try folder.setOwner(name, metadata.owner)
    }
    // After the owner: a change of owner takes the set-id bits and the capabilities away.
    if metadata.type != .symbolicLink { try folder.setPermissions(name, permissions) }
    for attribute in metadata.attributes {
      if isRecorded(attribute) {
        record.capability = attribute.value
      } else {
        try folder.setAttribute(name, attribute)
      }
    }
    try mark(record, metadata.type, name, folder)
    try folder.setModified(name, metadata.modified)
    owners?[path] = record
  }

  /// Whether an attribute is not for the disk. Root of a user namespace can give capabilities, of the version that is the
  /// namespace's own and is read there as it was written (capabilities(7), "Namespaced file capabilities").
  private func isRecorded(_ attribute: ExtendedAttribute) -> Bool {
    guard let owners, attribute.name == ExtendedAttribute.capabilityName else { return false }
    let isOfNamespace = attribute.value.count == 20 && attribute.value[3] == 2
    return owners.disk == nil || !isOfNamespace
  }

  /// Lets an object carry its record, where that is wanted.
  private func mark(
    _ record: OwnershipTable.Record, _ type: FileType, _ name: BytePath, _ folder: borrowing Directory
  ) throws(FileError) {
    guard let owners, owners.marksObjects, OwnerMark.canBe(on: type) else { return }
    if !owners.isVoid(record) {
      try folder.setAttribute(name, ExtendedAttribute(name: OwnerMark.name, value: OwnerMark.encode(record)))
    } else if type == .directory {
      // Files are made anew, folders stay and change.
      do throws(FileError) {
        try folder.removeAttribute(name, OwnerMark.name)
      } catch  where error.code == ENODATA {
        // It had none.
      }
    }
  }

  /// Creates a device node, or its placeholder and record, with all its metadata.
  package mutating func makeDevice(
    _ metadata: ObjectMetadata, at name: BytePath, in folder: borrowing Directory, path: BytePath
  ) throws(FileError) {
    guard let owners else {
      do {
        try folder.makeNode(
          metadata.type, at: name, permissions: metadata.permissions, device: metadata.device)
      } catch {
        throw FileError(error.operation, path, error.code)
      }
      try apply(metadata, to: name, in: folder, path: path)
      return
    }
    let record = OwnershipTable.Record(
      owner: metadata.owner, mode: metadata.type.modeBits | metadata.permissions,
      rdev: metadata.device.rdev)
    do throws(FileError) {
      _ = try folder.createFile(name, permissions: 0o600)
      // As of any file: a command may change them later.
      try folder.setPermissions(name, owners.permissionsToSet(metadata.permissions, type: .regular))
      try mark(record, .regular, name, folder)
      try folder.setModified(name, metadata.modified)
    } catch {
      throw FileError(error.operation, path, error.code)
    }
    self.owners?[path] = record
  }

  /// Notes that a path got another name by a hard link.
  package mutating func link(_ existing: BytePath, to path: BytePath) {
    guard let owners else { return }
    self.owners?[path] = owners[existing]
  }

  /// Notes that an object of a type is gone, and everything below it if it was a folder.
  package mutating func removed(_ path: BytePath, _ type: FileType) {
    if type == .directory {
      owners?.remove(subtree: path)
    } else {
      owners?[path] = nil
    }
  }
}
