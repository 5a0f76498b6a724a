import FileTree
import Glibc
import ImageStore
import Isolation
import Layers
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// Cache mounts that go into a cache and come out of it.
@Suite("Cache mounts from one store to another")
struct MountTransferTests {
  /// Two stores, and a third one as the cache between them.
  private struct Stores {
    let folder: String
    let here: OCILayoutStore
    let carried: OCILayoutStore
    let there: OCILayoutStore
    private let identity: BuilderIdentity = Workshop.isRoot ? .root : .ordinary(nil)

    static func open(_ body: (Stores) throws -> Void) throws {
      try Files.withTemporaryFolder { folder in
        func store(_ name: String) throws -> OCILayoutStore {
          try OCILayoutStore.open(root: Array("\(folder)/\(name)".utf8))
        }
        try body(
          Stores(folder: folder, here: store("here"), carried: store("carried"), there: store("there")))
      }
    }

    func transfer(_ store: OCILayoutStore, _ cancellation: Cancellation? = nil) -> MountTransfer {
      MountTransfer(store, identity: identity, cancellation: cancellation)
    }

    private func key(_ id: String) -> Digest { MountTransferTests.key(id) }

    /// Makes the folder of a mount, and fills it.
    func make(
      _ id: String, in store: OCILayoutStore, _ fill: (SharedDirectory) throws -> Void = { _ in }
    ) throws {
      let opened = try store.openMountFolder(key(id), name: Array(id.utf8), sharing: .locked)
      guard var folder = opened else { throw Unexpected(what: "a wait that was called off") }
      try fill(SharedDirectory(opening: BytePath(folder.path)))
      try folder.complete()
    }

    /// Packs mounts of `here`, and records them.
    @discardableResult
    func export(_ ids: String...) throws -> [CachedMount] {
      let mounts = try transfer(here).export(
        .ids(ids.map { Array($0.utf8) }), built: [], to: carried)
      _ = try carried.replaceMountArchives(mounts)
      return mounts
    }

    func path(_ id: String, in store: OCILayoutStore) -> BytePath {
      BytePath(store.path + Array("/cachemounts/\(key(id).hex)/data".utf8))
    }

    func root(_ id: String, in store: OCILayoutStore) throws -> SharedDirectory {
      try SharedDirectory(opening: path(id, in: store))
    }

    func exists(_ id: String, in store: OCILayoutStore) -> Bool {
      Files.exists(path(id, in: store).description)
    }

    /// A record of an archive that somebody has made.
    func forge(_ id: String, _ archive: [UInt8], diffID: Digest? = nil) throws -> CachedMount {
      let blob = try carried.put(archive, mediaType: .ociLayer)
      let mount = CachedMount(
        key: key(id), id: Array(id.utf8), archive: blob, diffID: diffID ?? blob.digest,
        root: CachedMount.Root(mode: 0o755, uid: 0, gid: 0))
      try carried.putMountArchive(mount)
      return mount
    }
  }

  fileprivate static func key(_ id: String) -> Digest { Digest(of: Array(id.utf8)) }

  /// What a folder holds, a line for each object: all that a round trip has to keep.
  private func listing(_ root: SharedDirectory) throws -> [String] {
    var links: [UInt64: BytePath] = [:]
    return try Snapshot.capture(root.directory, attributes: .capabilitiesAndUser).entries.map { entry in
      let status = entry.status
      var line = "\(entry.path) \(status.type) \(String(status.permissions, radix: 8))"
      line +=
        " \(status.owner.uid):\(status.owner.gid) \(status.modified.seconds).\(status.modified.nanoseconds)"
      if let target = entry.linkTarget { line += " -> \(target)" }
      if status.type.isDevice { line += " \(status.rdev)" }
      if status.isRegular {
        line += " \(Digest(of: try root.directory.readFile(entry.path, limit: 1 << 24)))"
        if status.linkCount > 1 {
          if let first = links[status.inode] {
            line += " = \(first)"
          } else {
            links[status.inode] = entry.path
          }
        }
      }
      for attribute in entry.attributes {
        line += " \(String(decoding: attribute.name, as: UTF8.self))=\(attribute.value)"
      }
      return line
    }
  }

  /// A folder with every type of file.
  private func fill(_ root: SharedDirectory) throws {
    try root.directory.makeDirectory("empty", permissions: 0o2750)
    try root.directory.makeDirectories("deep/er")
    try root.directory.writeFile("deep/er/file", Array("content".utf8), permissions: 0o640)
    try root.directory.writeFile("large", (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) })
    // Whoever is not root, not even in a user namespace, keeps the right to write to what it makes.
    try root.directory.writeFile("nothing", [], permissions: Workshop.isRoot ? 0o400 : 0o600)
    try root.directory.writeFile("program", Array("#!".utf8), permissions: 0o4755)
    try root.directory.writeFile(BytePath([0x6E, 0xFF, 0x0A]), [1])
    try root.directory.writeFile("deep/.wh.file", [2])
    try root.directory.makeHardLink(to: "large", at: "deep/also")
    try root.directory.makeSymbolicLink(to: "er/file", at: "deep/link")
    try root.directory.makeSymbolicLink(to: "/etc/passwd", at: "outside")
    try root.directory.makeSymbolicLink(to: "gone", at: "dangling")
    try root.directory.makeNode(.fifo, at: "pipe", permissions: 0o622)
    if Workshop.isRoot {
      try root.directory.makeNode(
        .characterDevice, at: "null", permissions: 0o666, device: DeviceNumber(major: 1, minor: 3))
      try root.directory.setOwner("deep/er/file", Owner(uid: 1234, gid: 567))
    }
    // Not every file system has them.
    try? root.directory.setAttribute(
      "large", ExtendedAttribute(name: Array("user.note".utf8), value: [0, 1, 0xFF]))
    for (index, path) in ["deep/er/file", "large", "outside", "pipe", "deep/er", "deep", "empty"].enumerated()
    {
      let time = Timestamp(
        seconds: 1_600_000_000 + Int64(index), nanoseconds: 123_456_789 + UInt32(index))
      try root.directory.setModified(BytePath(path), time)
    }
    try root.directory.setModified("nothing", Timestamp(seconds: -5, nanoseconds: 500_000_000))
  }

  @Test("Every type of file arrives with owner, mode, time, links and attributes; a socket is left out")
  func roundTrip() throws {
    try Stores.open { stores in
      try stores.make("go", in: stores.here) { root in
        try fill(root)
        try root.directory.setPermissions(BytePath(), 0o1777)
      }
      let before = try listing(stores.root("go", in: stores.here))
      // The name of a socket has room for few bytes.
      let made = try Processes.run(
        "python3", ["-c", "import socket; socket.socket(socket.AF_UNIX).bind('socket')"],
        folder: stores.path("go", in: stores.here).description)
      try #require(made.status == 0, "\(made.errorText)")
      let mount = try #require(try stores.export("go").first)
      #expect(try stores.carried.mounts() == [mount])
      #expect(mount.archive.mediaType == .ociLayerZstd)
      #expect(try stores.transfer(stores.there).bring(mount, from: stores.carried))
      let root = try stores.root("go", in: stores.there)
      let after = try listing(root)
      #expect(after == before, "\(after.difference(from: before))")
      #expect(before.count == (Workshop.isRoot ? 15 : 14))
      #expect(try root.directory.status(BytePath()).permissions == 0o1777)
      // The same folder is the same archive, wherever it lies.
      let again = try stores.transfer(stores.there).export(
        .all, built: [Array("go".utf8)], to: stores.carried)
      let socketless = try stores.transfer(stores.here).export(
        .all, built: [Array("go".utf8)], to: stores.carried)
      #expect(again == [mount] && socketless == [mount])
      #expect(try stores.there.mountFolders().map(\.name) == [Array("go".utf8)])
    }
  }

  @Test("A folder with something in it stays as it is; one that is empty, or not there, is filled")
  func keeps() throws {
    try Stores.open { stores in
      for id in ["a", "b", "c"] {
        try stores.make(id, in: stores.here) { try $0.directory.writeFile("old", Array(id.utf8)) }
      }
      let mounts = try stores.export("a", "b", "c")
      try stores.make("a", in: stores.there) { try $0.directory.writeFile("newer", Array("x".utf8)) }
      try stores.make("b", in: stores.there)
      let filled = try mounts.map { try stores.transfer(stores.there).bring($0, from: stores.carried) }
      #expect(filled == [false, true, true])
      #expect(
        try stores.root("a", in: stores.there).directory.list(BytePath()).map(\.name) == [Array("newer".utf8)]
      )
      for id in ["b", "c"] {
        #expect(
          try stores.root(id, in: stores.there).directory.readFile("old", limit: 9) == Array(id.utf8))
      }
      // Names that are no UTF-8 are content, too.
      try stores.make("d", in: stores.here) { try $0.directory.writeFile("old", []) }
      try stores.make("d", in: stores.there) { try $0.directory.writeFile(BytePath([0xFF]), []) }
      let last = try #require(try stores.export("d").first)
      #expect(try !stores.transfer(stores.there).bring(last, from: stores.carried))
    }
  }

  @Test("Only what was asked for goes along; an id that nobody has is an error with those that there are")
  func choice() throws {
    try Stores.open { stores in
      for id in ["go", "npm", "other"] { try stores.make(id, in: stores.here) }
      func names(_ choice: MountChoice, built: [String] = []) throws -> [String] {
        try stores.transfer(stores.here).export(
          choice, built: built.map { Array($0.utf8) }, to: stores.carried
        ).map { String(decoding: $0.id, as: UTF8.self) }
      }
      #expect(try names(.none, built: ["go"]) == [])
      #expect(try names(.all, built: ["npm", "go", "cached"]) == ["go", "npm"])
      #expect(try names(.ids([Array("other".utf8)]), built: ["go"]) == ["other"])
      // The build has it, and its command came from the cache.
      #expect(try names(.ids([Array("cached".utf8)]), built: ["cached"]) == [])
      let known = ["go", "npm", "other"].map { Array($0.utf8) }
      #expect(throws: MountTransferError.unknown(Array("g0".utf8), known: known)) {
        try names(.ids([Array("g0".utf8)]), built: ["go"])
      }
    }
  }

  /// Archives that reach for `outside`, beside the folder that is filled.
  private static let hostile: [(name: String, members: String)] = [
    ("dot-dot", "m('../outside/x')"),
    ("absolute", "m('/outside/x'); m('../../outside/x')"),
    ("through a link", "m('l', t.SYMTYPE, '../../outside'); m('l/x'); m('../x')"),
    ("hard link", "m('h', t.LNKTYPE, '../../outside/kept')"),
  ]

  @Test(
    "An archive that reaches outside of the folder is refused, and nothing of it stays",
    arguments: 0..<hostile.count)
  func hostileArchive(_ index: Int) throws {
    try Stores.open { stores in
      let outside = stores.folder + "/there/cachemounts/outside"
      try Files.createFolder(outside)
      try Files.write([1], to: outside + "/kept")
      let script = """
        import io, sys, tarfile as t
        tar = t.open(sys.argv[1], 'w')
        def m(name, kind=t.REGTYPE, link=''):
          i = t.TarInfo(name); i.type = kind; i.linkname = link; i.size = 0
          tar.addfile(i, io.BytesIO(b''))
        m('innocent'); \(Self.hostile[index].members)
        tar.close()
        """
      let made = try Processes.run("python3", ["-c", script, stores.folder + "/archive"])
      try #require(made.status == 0, "\(made.errorText)")
      let mount = try stores.forge("go", Files.read(stores.folder + "/archive"))
      do {
        _ = try stores.transfer(stores.there).bring(mount, from: stores.carried)
        Issue.record("\(Self.hostile[index].name) was taken")
      } catch MountTransferError.layer(let error) {
        switch error {
        case .unsafePath, .linkTarget: break
        default: Issue.record("\(error)")
        }
      }
      #expect(try Files.names(in: outside) == ["kept"])
      #expect(
        try Files.names(in: stores.folder + "/there/cachemounts/\(Self.key("go").hex)") == ["lock", "name"])
    }
  }

  @Test("An archive that is another than its digests say is refused, and the folder is as it was")
  func lies() throws {
    try Stores.open { stores in
      try stores.make("go", in: stores.here) { try $0.directory.writeFile("f", Array("content".utf8)) }
      var mount = try #require(try stores.export("go").first)
      let truth = mount.diffID
      mount.diffID = Digest(of: [])
      #expect(throws: MountTransferError.layer(.wrongDiffID(expected: mount.diffID, actual: truth))) {
        try stores.transfer(stores.there).bring(mount, from: stores.carried)
      }
      #expect(!stores.exists("go", in: stores.there))
      mount.diffID = truth
      let path = String(decoding: stores.carried.path(of: mount.archive.digest), as: UTF8.self)
      var bytes = try Files.read(path)
      bytes[bytes.count - 1] ^= 1
      try Files.write(bytes, to: path)
      // A store knows what it has read before.
      let opened = try OCILayoutStore.open(root: stores.carried.path)
      #expect(throws: MountTransferError.damaged(mount.archive.digest)) {
        try stores.transfer(stores.there).bring(mount, from: opened)
      }
      #expect(!stores.exists("go", in: stores.there))
      try stores.make("go", in: stores.there)
      #expect(throws: MountTransferError.damaged(mount.archive.digest)) {
        try stores.transfer(stores.there).bring(mount, from: opened)
      }
      #expect(stores.exists("go", in: stores.there))
    }
  }

  @Test(
    "A folder that is in use is not read and not filled meanwhile, however it is shared",
    arguments: [MountFolder.Sharing.shared, .locked, .private])
  func locks(_ sharing: MountFolder.Sharing) throws {
    try Stores.open { stores in
      try stores.make("go", in: stores.here)
      let mount = try #require(try stores.export("go").first)
      let cancellation = try Cancellation()
      cancellation.cancel()
      let transfer = stores.transfer(stores.here, cancellation)
      let used = try stores.here.openMountFolder(Self.key("go"), name: [], sharing: sharing)
      withExtendedLifetime(used) {
        // Whoever has to wait gives up, as it was told to.
        #expect(throws: MountTransferError.cancelled) {
          try transfer.export(.all, built: [Array("go".utf8)], to: stores.carried)
        }
        #expect(throws: MountTransferError.cancelled) { try transfer.bring(mount, from: stores.carried) }
      }
    }
  }

  @Test("While a folder is read, a command that wants it waits")
  func holds() throws {
    try Stores.open { stores in
      try stores.make("go", in: stores.here)
      func open(_ sharing: MountFolder.Sharing, cancelled: Bool = true) throws -> [UInt8]? {
        let folder = try stores.here.openMountFolder(Self.key("go"), name: [], sharing: sharing) { cancelled }
        guard let folder else { return nil }
        return folder.path
      }
      let path = try #require(try open(.locked))
      func whileRead() throws -> [[UInt8]?] {
        let held = try stores.here.holdMountFolder(Self.key("go"))
        return try withExtendedLifetime(held) {
          [try open(.shared), try open(.locked), try open(.private, cancelled: false)]
        }
      }
      let others = try whileRead()
      #expect(others.prefix(2) == [nil, nil])
      // One of its own is no wait.
      #expect(others[2] != nil && others[2] != path)
      #expect(try open(.shared) == path)
    }
  }

  @Test("prune removes archives as it does folders, and leaves the blobs of those that stay")
  func prune() throws {
    try Stores.open { stores in
      for id in ["a", "b"] {
        try stores.make(id, in: stores.here) { try $0.directory.writeFile("f", Array(id.utf8)) }
      }
      let mounts = try stores.export("a", "b")
      let carried = try OCILayoutStore.open(root: Array("\(stores.folder)/copy".utf8))
      for mount in mounts {
        let bytes = try stores.carried.read(mount.archive, limit: 1 << 20)
        #expect(try carried.put(bytes, mediaType: .ociLayerZstd).digest == mount.archive.digest)
      }
      _ = try carried.replaceMountArchives(mounts)
      // What has just been written is kept from it by the one who wrote it.
      #expect(throws: StoreError.busy) { try carried.pruneMounts(CachePruning()) }
      let idle = try OCILayoutStore.open(root: Array("\(stores.folder)/idle".utf8))
      let copied = try Processes.run("cp", ["-a", "\(stores.folder)/copy/.", "\(stores.folder)/idle"])
      try #require(copied.status == 0)
      #expect(try idle.pruneCache(CachePruning()).blobs.digests == [])
      #expect(try idle.sizeOfMounts() == mounts.reduce(0) { $0 + $1.archive.size })
      var pruning = CachePruning()
      // The times in them make one a few bytes larger than the other.
      pruning.keptSize = mounts.map(\.archive.size).max()
      let gone = try idle.pruneMounts(pruning)
      #expect(gone.count == 1)
      #expect(try idle.mounts().count == 1)
      #expect(try mounts.count { try idle.contains($0.archive.digest) } == 1)
      pruning.keptSize = nil
      #expect(try idle.pruneMounts(pruning).count == 1)
      #expect(try mounts.count { try idle.contains($0.archive.digest) } == 0)
    }
  }
}
