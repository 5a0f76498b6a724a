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

  /// What the last step has changed; the present state is the start of the next step.
  ///
  /// A file with a new status change time or inode, but the same size and modification time, counts as changed:
  /// its old content is gone, so that nothing else would be safe.
  mutating func commit() throws(FileError) -> LayerDiff {
    let now = try Self.capture(root)
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
    return LayerDiff(from: before, to: after) { (_: BytePath) in true }
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
