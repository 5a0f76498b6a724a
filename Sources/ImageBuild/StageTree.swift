import FileTree
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
  }

  var placement: Placement { Placement(owners: owners) }

  /// The tree as a source of COPY.
  var source: SourceTree { SourceTree(root: root, owners: owners, isContext: false) }

  /// Takes the present state for what the next step starts from.
  mutating func settle() throws(FileError) {
    disk = try Self.capture(root)
  }

  /// What the last step has placed; the present state is the start of the next step.
  ///
  /// A file with a new status change time or inode, but the same size and modification time, counts as changed.
  mutating func commit() throws(FileError) -> LayerDiff {
    let now = try Self.capture(root)
    let diff = difference(to: now) { (_: BytePath) in true }
    try restoreTimes(diff)
    return diff
  }

  /// What a command has changed in the tree; the present state is the start of the next step.
  /// - Parameter contentDiffers: asked about files whose metadata does not tell whether they are other ones.
  mutating func commit(
    contentDiffers: (BytePath) throws(BuildProblem.Kind) -> Bool
  ) throws(BuildProblem.Kind) -> LayerDiff {
    let now = try onFiles { () throws(FileError) in try Self.capture(root) }
    let diff = try difference(to: now, contentDiffers: contentDiffers)
    try onFiles { () throws(FileError) in try restoreTimes(diff) }
    return diff
  }

  /// What a command has changed on an overlay; the tree has it afterwards, and is the start of the next step.
  mutating func commit(
    _ overlay: OverlayStep, _ former: FormerContent
  ) throws(BuildProblem.Kind) -> LayerDiff {
    let (root, upper) = (root, overlay.upper)
    let changes = try onFiles { () throws(FileError) in
      try OverlayUpper.capture(upper.directory, marks: overlay.marks)
    }
    let now = disk.overlaid(by: changes, moved: overlay.moved)
    let diff = try difference(to: now) { path throws(BuildProblem.Kind) in
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
    to now: Snapshot, contentDiffers: (BytePath) throws(Failure) -> Bool
  ) throws(Failure) -> LayerDiff {
    let before: Snapshot
    let after: Snapshot
    if let old = ownersBefore, let current = owners {
      // Programs change a tree behind the table's back; what the build itself places is in it.
      let table = isRecorded ? current : current.keeping(from: disk, to: now)
      before = disk.applying(old)
      after = now.applying(table)
      owners = table
    } else {
      before = disk
      after = now
    }
    disk = now
    ownersBefore = nil
    isRecorded = false
    return try LayerDiff(from: before, to: after, contentDiffers: contentDiffers)
  }

  /// The records at the start of the step.
  private var ownersBefore: OwnershipTable?
  /// Whether the step has recorded all that it did.
  private var isRecorded = false

  /// Has to be called before a step changes anything: later changes of a file must have a later time.
  mutating func begin() {
    ownersBefore = owners
    waitForClock()
  }

  /// Takes over what a step has recorded about what it placed itself.
  mutating func adopt(_ placement: Placement) {
    owners = placement.owners
    isRecorded = true
  }

  /// Reads the tree. Whoever changes it next waits for the clock, so that no time in it is in doubt.
  private static func capture(_ root: SharedDirectory) throws(FileError) -> Snapshot {
    var snapshot = try Snapshot.capture(root.directory)
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
