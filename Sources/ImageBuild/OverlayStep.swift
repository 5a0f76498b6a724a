import FileTree
import Glibc
import Isolation

/// The overlay that one RUN is executed on: what the command changes ends beside the stage's tree.
struct OverlayStep: Sendable {
  /// A folder of the step's own, with the upper directory and the overlay's working directory.
  let folder: [UInt8]
  let upper: SharedDirectory
  let marks: OverlayMarks
  /// What was moved into the upper directory before the command runs, and is not in the tree meanwhile.
  let moved: Set<BytePath>

  /// Whether fuse-overlayfs shows it, and not the kernel.
  var isServed: Bool { marks == .fuse }

  private func path(_ name: String) -> [UInt8] { folder + Array("/\(name)".utf8) }

  /// The root file system of the command.
  func root(over tree: StageTree) -> RootFilesystem {
    if isServed { return .directory(path("merged")) }
    return .overlay(lower: [tree.path], upper: path("upper"), work: path("work"), isTemporary: true)
  }

  /// Where the files of that root are on the disk, if the root does not tell.
  func backing(over tree: StageTree) -> BackingFolders? {
    isServed ? BackingFolders(upper: path("upper"), lower: tree.path) : nil
  }

  /// Has it served while the command runs; nil if the kernel shows it.
  func serve(over tree: StageTree) throws(BuildProblem.Kind) -> FuseOverlayMount? {
    guard isServed else { return nil }
    let mount: FuseOverlayMount
    do throws(IsolationError) {
      mount = try FuseOverlayMount(
        .init(lower: tree.path, upper: path("upper"), work: path("work")), at: path("merged"))
    } catch {
      throw .isolation(error)
    }
    do throws(FileError) {
      let root = try Directory(opening: BytePath(path("merged")))
      // It counts the names of a file that somebody has asked for.
      for path in moved { _ = try root.statusIfPresent(path) }
    } catch let failure {
      // If the program has gone, that is why.
      try mount.finish()
      throw .file(failure)
    }
    return mount
  }
}

extension StageTree {
  /// More files than this are not moved for a command that may change nothing.
  private var mostMoved: Int { max(1000, disk.count / 8) }

  /// Makes an overlay over the tree, in an empty folder of the same file system.
  ///
  /// Files with several names, and links and fifos with a record of their owner, are moved up before: their inode has to
  /// stay what it is, and an overlay would copy them.
  /// - Returns: nil if the command would see other files on an overlay than without, or if it would not pay.
  mutating func makeOverlay(
    in folder: [UInt8], marks: OverlayMarks, isWanted: Bool
  ) throws(FileError) -> OverlayStep? {
    guard !disk.isMistaken(by: marks) else { return nil }
    if marks != .trusted, let owners, owners.disk == nil {
      // Files of a group that the user namespace does not have cannot be changed on an overlay.
      let owner = try root.directory.status().owner
      guard owner == Owner(uid: geteuid(), gid: getegid()) else { return nil }
    }
    let moved = disk.filesKeepingInode(recordedIn: owners, marks: marks)
    guard isWanted || moved.count <= mostMoved else { return nil }
    let host = try Directory(opening: BytePath(folder))
    try host.makeDirectory("upper", permissions: 0o700)
    try host.makeDirectory("work", permissions: 0o700)
    if marks == .fuse { try host.makeDirectory("merged", permissions: 0o700) }
    let upper = SharedDirectory(try host.openDirectory("upper"))
    try disk.prepare(upper: upper.directory, over: root.directory, moving: moved, marks: marks)
    // Moving a file is a change of its status; the command's changes must be later ones.
    if !moved.isEmpty { waitForClock() }
    return OverlayStep(folder: folder, upper: upper, marks: marks, moved: Set(moved))
  }

  /// Makes the tree what the command of an overlay has seen last.
  func merge(_ overlay: OverlayStep) throws(FileError) {
    let upper = try OverlayUpper.capture(overlay.upper.directory, marks: overlay.marks)
    _ = try upper.merge(from: overlay.upper.directory, into: root.directory, marks: overlay.marks)
  }
}

/// What a stage's files contained before a step, for the rare question that their metadata leaves open: the layers that
/// they came from are unpacked once more.
final class FormerContent {
  private let room: TreeRoom
  private let stack: LayerStack
  private var tree: StageTree?

  init(of stack: LayerStack, in room: TreeRoom) {
    self.stack = stack
    self.room = room
  }

  /// Whether the file at a path is another one now, or cannot be compared.
  func differs(_ path: BytePath, in root: SharedDirectory) throws(BuildProblem.Kind) -> Bool {
    let old: StageTree
    if let tree {
      old = tree
    } else {
      var working = WorkingTree()
      old = try room.unpack(&working, to: stack)
      tree = old
    }
    return try onFiles { () throws(FileError) in
      guard let status = try old.root.directory.statusIfPresent(path), status.isRegular else { return true }
      return try !old.root.directory.hasSameContent(path, as: root.directory)
    }
  }

  /// Removes what was unpacked.
  func close() throws(BuildProblem.Kind) {
    guard let tree else { return }
    self.tree = nil
    try room.discard(tree)
  }
}

extension TreeRoom {
  /// The changes of a RUN; afterwards the tree has them, and the overlay is gone.
  func commit(
    _ tree: inout StageTree, after overlay: OverlayStep?, _ ledger: OwnerLedger, from stack: LayerStack
  ) throws(BuildProblem.Kind) -> LayerDiff {
    let former = FormerContent(of: stack, in: self)
    let diff: LayerDiff
    if let overlay {
      diff = try tree.commit(overlay, ledger, former)
      try discard(overlay)
    } else {
      let root = tree.root
      diff = try tree.commit(ledger) { path throws(BuildProblem.Kind) in try former.differs(path, in: root) }
    }
    try former.close()
    return diff
  }

  func discard(_ overlay: OverlayStep) throws(BuildProblem.Kind) {
    try removeFolder(overlay.folder)
  }
}

extension FuseOverlayMount {
  /// Ends it; what the command has changed is then in the upper directory.
  func finish() throws(BuildProblem.Kind) {
    do throws(IsolationError) {
      try end()
    } catch {
      throw .isolation(error)
    }
  }
}
