import FileTree
import Glibc
import Isolation

/// The root file system of a stage while it is built: a folder, and what its last layer left.
struct StageTree: Sendable {
  /// The folder's absolute path.
  let path: [UInt8]
  let root: SharedDirectory
  /// nil where the disk holds owners.
  var owners: OwnershipTable?
  /// The tree as the layers so far have it, as the disk says.
  var disk = Snapshot()

  /// Takes over a folder.
  init(path: [UInt8], owners: OwnershipTable?) throws(FileError) {
    self.path = path
    self.owners = owners
    root = try SharedDirectory(opening: BytePath(path))
    if owners != nil {
      self.owners?.marksObjects = OwnerMark.works(in: root.directory)
      self.owners?.widensPermissions = geteuid() != 0
    }
  }

  /// Which attributes are read with the tree's files.
  private var attributes: AttributeSelection {
    owners?.marksObjects == true ? .capabilitiesAndMark : .capabilities
  }

  var placement: Placement { Placement(owners: owners) }

  /// The tree as a source of COPY.
  var source: SourceTree { SourceTree(root: root, owners: owners, isContext: false) }

  /// Takes the present state for what the next step starts from.
  mutating func settle() throws(FileError) {
    disk = try capture()
  }

  /// What the last step has placed; the present state is the start of the next step.
  ///
  /// A file with a new status change time or inode, but the same size and modification time, counts as changed, unless
  /// all that it has lost is a name: steps write into no file, but put another one into its place.
  mutating func commit() throws(FileError) -> LayerDiff {
    let now = try capture()
    let (root, before) = (root, disk)
    let diff = try difference(to: now, owners) { path throws(FileError) in
      try !root.isSameFile(path, before, now)
    }
    try restoreTimes(diff)
    return diff
  }

  /// What a command has changed in the tree; the present state is the start of the next step.
  /// - Parameters:
  ///   - ledger: the owners that no file carries, as the command has left them.
  ///   - contentDiffers: asked about files whose metadata does not tell whether they are other ones.
  mutating func commit(
    _ ledger: OwnerLedger, contentDiffers: (BytePath) throws(BuildProblem.Kind) -> Bool
  ) throws(BuildProblem.Kind) -> LayerDiff {
    let (now, table) = try onFiles { () throws(FileError) in
      let now = try capture()
      let table = try owners?.collecting(from: now, unmarked: ledger.owners) { path throws(FileError) in
        try root.directory.born(path)
      }
      return (now, table)
    }
    let diff = try difference(to: now, table, contentDiffers: contentDiffers)
    try onFiles { () throws(FileError) in try restoreTimes(diff) }
    return diff
  }

  /// What a command has changed on an overlay; the tree has it afterwards, and is the start of the next step.
  mutating func commit(
    _ overlay: OverlayStep, _ ledger: OwnerLedger, _ former: FormerContent
  ) throws(BuildProblem.Kind) -> LayerDiff {
    let (root, upper) = (root, overlay.upper)
    let changes = try onFiles { () throws(FileError) in
      try OverlayUpper.capture(upper.directory, marks: overlay.marks, attributes: attributes)
    }
    let now = disk.overlaid(by: changes, moved: overlay.moved)
    let table = try onFiles { () throws(FileError) in
      try owners?.collecting(from: now, unmarked: ledger.owners) { path throws(FileError) in
        let isAbove = try upper.directory.statusIfPresent(path) != nil
        return try (isAbove ? upper : root).directory.born(path)
      }
    }
    let diff = try difference(to: now, table) { path throws(BuildProblem.Kind) in
      if overlay.moved.contains(path) { return try former.differs(path, in: upper) }
      return try onFiles { () throws(FileError) in
        try !root.directory.hasSameContent(path, as: upper.directory)
      }
    }
    try onFiles { () throws(FileError) in
      let touched = try changes.merge(from: upper.directory, into: root.directory, marks: overlay.marks)
      for path in touched { disk.update(path, try root.directory.status(path)) }
      try restoreTimes(diff)
    }
    return diff
  }

  /// Makes the tree what the layer makes of the tree before: what a later step copies is then the same, whether this
  /// step was executed or found in the cache.
  private mutating func restoreTimes(_ diff: LayerDiff) throws(FileError) {
    for folder in diff.formerTimes {
      try root.directory.setModified(folder.path, folder.modified)
      disk.update(folder.path, try root.directory.status(folder.path))
    }
  }

  /// Gives `/etc` the time at which a command has started, unless it has given it another one.
  ///
  /// docker's runtimes make the missing ones of `/etc/hosts` and `/etc/resolv.conf` to mount their own over, and leave the
  /// time that `/etc` gets by that. It is seen where the command has changed something in `/etc`, and nowhere else.
  /// - Parameter changed: what has the command's changes: the tree, or the upper directory of an overlay over it.
  func dateConfigurationFolder(in changed: SharedDirectory, _ time: Timestamp) throws(FileError) {
    let folder = BytePath("etc")
    guard let index = disk.index(of: folder), disk[index].status.isDirectory else { return }
    let files = [folder.joining("hosts"), folder.joining("resolv.conf")]
    guard files.contains(where: { disk.index(of: $0) == nil }) else { return }
    guard let now = try changed.directory.statusIfPresent(folder), now.isDirectory,
      now.modified == disk[index].status.modified
    else { return }
    try changed.directory.setModified(folder, time)
  }

  private mutating func difference<Failure: Error>(
    to now: Snapshot, _ table: OwnershipTable?, contentDiffers: (BytePath) throws(Failure) -> Bool
  ) throws(Failure) -> LayerDiff {
    let before: Snapshot
    let after: Snapshot
    if let old = ownersBefore, let table {
      before = disk.applying(old)
      after = now.applying(table)
      owners = table
    } else {
      before = disk
      after = now
    }
    disk = now
    ownersBefore = nil
    return try LayerDiff(from: before, to: after, contentDiffers: contentDiffers)
  }

  /// The records at the start of the step.
  private var ownersBefore: OwnershipTable?

  /// Has to be called before a step changes anything: later changes of a file must have a later time.
  mutating func begin() {
    ownersBefore = owners
    waitForClock()
  }

  /// Takes over what a step has recorded about what it placed itself.
  mutating func adopt(_ placement: Placement) {
    owners = placement.owners
  }

  /// The owners that no file of the tree carries itself, for a command to change.
  func ledger() throws(FileError) -> OwnerLedger {
    let owners = try owners?.unmarked(in: disk) { path throws(FileError) in try root.directory.born(path) }
    return OwnerLedger(owners ?? UnmarkedOwners())
  }

  /// Reads the tree. Whoever changes it next waits for the clock, so that no time in it is in doubt.
  private func capture() throws(FileError) -> Snapshot {
    var snapshot = try Snapshot.capture(root.directory, attributes: attributes)
    snapshot.racyFrom = Timestamp(seconds: .max)
    return snapshot
  }

  /// The users and groups of the image.
  func users() throws(FileError) -> UserDatabase {
    try UserDatabase(passwd: readDatabase("etc/passwd"), group: readDatabase("etc/group"))
  }

  private func readDatabase(_ path: BytePath) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try root.directory.readFile(path, followingLink: true, limit: 16 << 20)
    } catch {
      if error.isNotFound || error.isLoop { return nil }
      throw error
    }
  }
}

extension SharedDirectory {
  /// Whether what was one of several names of a file is still a name of it.
  fileprivate func isSameFile(
    _ path: BytePath, _ before: Snapshot, _ now: Snapshot
  ) throws(FileError) -> Bool {
    guard let old = before.index(of: path), let new = now.index(of: path),
      before[old].status.linkCount > 1, before[old].status.inode == now[new].status.inode
    else { return false }
    // Another file may have got the number of one that is gone. It was made later; or nobody knows when.
    let born = try directory.born(path)
    return born.seconds > 0 && born <= before[old].status.changed
  }
}
