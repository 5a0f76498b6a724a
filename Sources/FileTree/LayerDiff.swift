/// One line of a ``LayerDiff``.
package struct Change: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The path is new.
    case added(Snapshot.Entry)
    /// The path was there, and its metadata, content or type differs.
    case modified(Snapshot.Entry)
    /// A folder of which at most the time is new, and which is listed because something below it has changed.
    case parent(Snapshot.Entry)
    /// The path is gone, with everything that was below it.
    case removed
  }

  package var path: BytePath
  package var kind: Kind

  package init(path: BytePath, kind: Kind) {
    self.path = path
    self.kind = kind
  }

  /// The object as it is now; `nil` for a removal.
  package var entry: Snapshot.Entry? {
    switch kind {
    case .added(let entry), .modified(let entry), .parent(let entry): entry
    case .removed: nil
    }
  }
}

/// The modification time that a folder had.
package struct FolderTime: Hashable, Sendable {
  package var path: BytePath
  package var modified: Timestamp

  package init(path: BytePath, modified: Timestamp) {
    self.path = path
    self.modified = modified
  }
}

/// What turns one tree into another, in the order of a layer.
///
/// * A folder comes before what is below it, and every folder above a change is listed.
/// * A removal stands at the place of the removed name, once for a whole folder; an object replaced
///   by one of another type is one modification and no removal.
/// * Metadata that counts: type, permissions, owner, device number, size, modification time to the
///   nanosecond, link target, attributes. Where all of it is equal, but status change time or inode
///   tell that the file was written or replaced, its content decides.
/// * The modification time of a folder counts only where the folder is listed anyway. Where it is not, the
///   tree is what the layer makes once the folder has its former time again: ``formerTimes``.
package struct LayerDiff: Hashable, Sendable {
  package var changes: [Change]
  /// The times of folders that have new ones and are not listed, in tree order.
  package private(set) var formerTimes: [FolderTime] = []

  package init(changes: [Change]) {
    self.changes = changes
  }

  package var isEmpty: Bool { changes.isEmpty }

  /// Compares two snapshots.
  /// - Parameter contentDiffers: tells whether the content of the regular file at a path, which has
  ///   the same size in both trees, is different; called only where metadata cannot tell.
  package init<Failure: Error>(
    from old: Snapshot, to new: Snapshot,
    contentDiffers: (BytePath) throws(Failure) -> Bool
  ) throws(Failure) {
    var comparison = Comparison(old: old, new: new)
    while let pair = comparison.next() {
      switch pair {
      case .removed(let path):
        comparison.emit(path: path, .removed)
      case .added(let index):
        comparison.emit(new[index]) { .added($0) }
      case .both(let before, let after):
        let entry = new.records[after].status
        switch comparison.verdict(before, after) {
        case .different: comparison.emit(new[after]) { .modified($0) }
        case .unknown:
          let path = BytePath(Array(new.path(at: after)))
          if try contentDiffers(path) { comparison.emit(new[after]) { .modified($0) } }
        case .equal:
          guard entry.isDirectory else { break }
          comparison.pending.append(after)
          let time = old.records[before].status.modified
          if time != entry.modified { comparison.times[after] = time }
        }
      }
    }
    changes = comparison.changes
    formerTimes = comparison.times.sorted { $0.key < $1.key }.map {
      FolderTime(path: BytePath(Array(new.path(at: $0.key))), modified: $0.value)
    }
  }
}

/// The state of a merge of two sorted snapshots.
private struct Comparison {
  enum Pair {
    case removed(ArraySlice<UInt8>), added(Int), both(Int, Int)
  }

  enum Verdict {
    case equal, different, unknown
  }

  let old: Snapshot
  let new: Snapshot
  var changes: [Change] = []
  /// Unchanged folders that hold the current place and are not listed yet, outermost first.
  var pending: [Int] = []
  /// The former times of folders that have new ones and are not listed.
  var times: [Int: Timestamp] = [:]
  private var left = 0
  private var right = 0

  init(old: Snapshot, new: Snapshot) {
    self.old = old
    self.new = new
  }

  mutating func next() -> Pair? {
    let order: Int
    if left == old.count {
      guard right < new.count else { return nil }
      order = 1
    } else if right == new.count {
      order = -1
    } else {
      order = treeOrder(old.path(at: left), new.path(at: right))
    }
    if order > 0 {
      defer { right += 1 }
      return .added(right)
    }
    let removed = left
    left += 1
    if order < 0 {
      skipOld(below: removed)
      return .removed(old.path(at: removed))
    }
    defer { right += 1 }
    // What replaces a folder hides all of it: the names below need no removal of their own.
    if old.records[removed].status.isDirectory, !new.records[right].status.isDirectory {
      skipOld(below: removed)
    }
    return .both(removed, right)
  }

  private mutating func skipOld(below index: Int) {
    let folder = old.path(at: index)
    while left < old.count {
      let path = old.path(at: left)
      guard path.count > folder.count, path.starts(with: folder),
        path[path.startIndex + folder.count] == .slash
      else { return }
      left += 1
    }
  }

  func verdict(_ before: Int, _ after: Int) -> Verdict {
    let a = old.records[before].status
    let b = new.records[after].status
    if a.type != b.type || a.permissions != b.permissions || a.owner != b.owner { return .different }
    if a.modified != b.modified, !b.isDirectory { return .different }
    if b.type.isDevice, a.rdev != b.rdev { return .different }
    if old.records[before].attributes >= 0 || new.records[after].attributes >= 0,
      old.attributes(at: before) != new.attributes(at: after)
    {
      return .different
    }
    switch b.type {
    case .symbolicLink:
      return old.link(at: before) == new.link(at: after) ? .equal : .different
    case .regular:
      if a.size != b.size { return .different }
      let untouched =
        a.changed == b.changed && a.inode == b.inode && a.device == b.device
        && a.changed < old.racyFrom
      return untouched || a.size == 0 ? .equal : .unknown
    default:
      return .equal
    }
  }

  mutating func emit(_ entry: Snapshot.Entry, _ kind: (Snapshot.Entry) -> Change.Kind) {
    emit(path: entry.path.bytes[...], kind(entry))
  }

  mutating func emit(path: ArraySlice<UInt8>, _ kind: Change.Kind) {
    for index in pending {
      let folder = new.path(at: index)
      guard path.count > folder.count, path[path.startIndex + folder.count] == .slash,
        path.starts(with: folder)
      else { continue }
      let entry = new[index]
      changes.append(Change(path: entry.path, kind: .parent(entry)))
      times[index] = nil
    }
    // Either listed now, or left behind: the walk does not come back to a folder.
    pending.removeAll()
    changes.append(Change(path: BytePath(Array(path)), kind: kind))
  }
}
