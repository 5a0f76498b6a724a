import Glibc

// The upper directory and the lower tree lie on one file system, so objects change sides by a rename:
// nothing is copied, and a file keeps its inode. Nothing may be mounted on either meanwhile.

extension OverlayUpper {
  /// Makes the lower tree on the disk what the overlay showed, and leaves of the upper directory only what is no
  /// longer needed.
  /// - Returns: the paths of the objects whose status is another one now than in these items.
  package func merge(
    from upper: borrowing Directory, into lower: borrowing Directory, marks: OverlayMarks
  ) throws(FileError) -> [BytePath] {
    var touched: [BytePath] = []
    // Read before anything moves out of the folder, which changes its time.
    var merged = [(path: BytePath(), metadata: try FolderMetadata(of: BytePath(), in: upper, except: marks))]
    /// A folder that has moved with all that is below it.
    var moved: BytePath?
    for item in items {
      let path = item.path
      if let folder = moved, path.isWithin(folder) {
        try settle(item, in: lower, &touched)
        continue
      }
      moved = nil
      if item.kind == .whiteout {
        try lower.removeTree(path)
        continue
      }
      let existing = try lower.statusIfPresent(path)
      if item.kind == .object, item.isDirectory, existing?.isDirectory == true {
        merged.append((path, try FolderMetadata(of: path, in: upper, except: marks)))
        continue
      }
      if let existing, existing.isDirectory || item.isDirectory { try lower.removeTree(path) }
      try upper.move(path, to: lower)
      touched.append(path)
      try item.removeMarks(in: lower)
      if item.isDirectory { moved = path }
    }
    // From the inside out, as each change below a folder changes its time.
    for (path, metadata) in merged.reversed() { try metadata.apply(to: path, in: lower) }
    return touched + merged.dropFirst().map(\.path)
  }

  /// Takes the overlay's traces off what has come along with its folder.
  private func settle(
    _ item: Item, in lower: borrowing Directory, _ touched: inout [BytePath]
  ) throws(FileError) {
    if item.kind == .whiteout {
      let folder = item.path.parent
      let time = try lower.status(folder).modified
      try lower.removeFile(item.files.first ?? item.path)
      try lower.setModified(folder, time)
      touched.append(folder)
      return
    }
    try item.removeMarks(in: lower)
    // Another name of the file may have moved on its own.
    let hasNames = !item.isDirectory && item.entry.status.linkCount > 1
    if hasNames || !item.marks.isEmpty || !item.files.isEmpty { touched.append(item.path) }
  }
}

extension OverlayUpper.Item {
  fileprivate func removeMarks(in directory: borrowing Directory) throws(FileError) {
    for name in marks {
      do throws(FileError) {
        try directory.removeAttribute(path, name)
      } catch  where error.code == ENODATA {
        // Another name of the file has come first.
      }
    }
    guard !files.isEmpty else { return }
    for file in files { try directory.removeFile(file) }
    try directory.setModified(path, entry.status.modified)
  }
}

extension Snapshot {
  /// Makes an empty upper directory ready for this tree, and moves some objects that are no folders into it.
  ///
  /// An overlay gives a file that is changed another inode. What was moved keeps its own: names of one file stay names
  /// of one file. The overlay shows the same tree with it as without.
  /// - Parameter paths: in tree order.
  package mutating func prepare(
    upper: borrowing Directory, over lower: borrowing Directory, moving paths: [BytePath], marks: OverlayMarks
  ) throws(FileError) {
    var folders = [BytePath()]
    var known: Set<BytePath> = [BytePath()]
    for path in paths {
      var chain: [BytePath] = []
      var folder = path.parent
      while known.insert(folder).inserted {
        chain.append(folder)
        folder = folder.parent
      }
      folders += chain.reversed()
    }
    var metadata: [FolderMetadata] = []
    for folder in folders {
      metadata.append(try FolderMetadata(of: folder, in: lower, except: marks))
      if !folder.isEmpty { try upper.makeDirectory(folder, permissions: 0o700) }
    }
    for path in paths { try lower.move(path, to: upper) }
    // Not before all have moved: a move of one name changes the status that the others have.
    for path in paths { update(path, try upper.status(path)) }
    for (folder, metadata) in zip(folders, metadata).reversed() {
      try metadata.apply(to: folder, in: upper)
    }
  }

  /// The paths, in tree order, of what is no folder and has to keep its inode when it is changed: what has several
  /// names, and what a table has a record of that the object does not carry itself.
  ///
  /// fuse-overlayfs makes a regular file of a fifo, a device or a socket that it copies: these stay what they are.
  package func filesKeepingInode(recordedIn table: OwnershipTable?, marks: OverlayMarks) -> [BytePath] {
    var found: [BytePath] = []
    for index in indices where !records[index].status.isDirectory {
      let status = records[index].status
      let stays = status.linkCount > 1 || marks == .fuse && !status.isRegular && status.type != .symbolicLink
      guard stays || table?.isEmpty == false else { continue }
      let path = BytePath(Array(path(at: index)))
      if stays || table?[path] != nil && !carriesMark(index, table) { found.append(path) }
    }
    return found
  }

  private func carriesMark(_ index: Int, _ table: OwnershipTable?) -> Bool {
    table?.marksObjects == true && OwnerMark.canBe(on: records[index].status.type)
  }

  /// Whether an overlay would take an object of this tree for something else: a device 0/0 for a removal, and fuse-overlayfs (up to
  /// 1.16) a block device or a socket for a folder.
  package func isMistaken(by marks: OverlayMarks) -> Bool {
    records.contains { record in
      switch record.status.type {
      case .characterDevice: record.status.rdev == 0
      case .blockDevice, .socket: marks == .fuse
      default: false
      }
    }
  }
}
