/// All that a folder has beside its content, to give it to another folder.
struct FolderMetadata {
  private let status: FileStatus
  private let attributes: [ExtendedAttribute]
  private let marks: OverlayMarks

  /// Reads a folder; the empty path is the root. The marks of an overlay are its own and stay behind.
  init(of path: BytePath, in directory: borrowing Directory, except marks: OverlayMarks) throws(FileError) {
    self.marks = marks
    status = try directory.status(path)
    var attributes: [ExtendedAttribute] = []
    for name in try directory.attributeNames(path) where !marks.own(name) {
      guard let value = try directory.attribute(path, name) else { continue }
      attributes.append(ExtendedAttribute(name: name, value: value))
    }
    self.attributes = attributes
  }

  /// Makes another folder like it.
  func apply(to path: BytePath, in directory: borrowing Directory) throws(FileError) {
    let now = try directory.status(path)
    if now.owner != status.owner { try directory.setOwner(path, status.owner) }
    for name in try directory.attributeNames(path)
    where !marks.own(name) && !attributes.contains(where: { $0.name == name }) {
      try directory.removeAttribute(path, name)
    }
    for attribute in attributes where try directory.attribute(path, attribute.name) != attribute.value {
      try directory.setAttribute(path, attribute)
    }
    // After the attributes: an access control list changes the permissions of the group.
    try directory.setPermissions(path, status.permissions)
    try directory.setModified(path, status.modified)
  }
}
