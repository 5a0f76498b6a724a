package import FileTree
import Glibc
package import ImageStore
package import Isolation
package import Layers
package import OCIModel

/// Which cache mounts go into a cache, or are taken out of one.
package enum MountChoice: Hashable, Sendable {
  case none
  /// Into a cache: all that the stages of the build have; out of one: all that it has.
  case all
  /// By their ids.
  case ids([[UInt8]])

  /// Whether a mount of the id is meant.
  package func includes(_ id: [UInt8]) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .ids(let ids): ids.contains(id)
    }
  }
}

/// Why a cache mount did not go into a cache, or was not taken out of one.
package enum MountTransferError: Error, Hashable, Sendable {
  /// Neither the build nor the store has a mount of this id; `known` are those that one of them has, sorted.
  case unknown([UInt8], known: [[UInt8]])
  /// The archive is not there, or is not what its digest says.
  case damaged(Digest)
  case store(StoreError)
  case layer(LayerError)
  /// A file of the folder; its path is absolute.
  case file(FileError)
  case cancelled
}

/// Carries the folders of cache mounts between a store and caches: one archive for each.
///
/// A folder is locked as long as it is read or filled: no command sees half of one. What an archive holds depends on the
/// folder's files alone: paths in their order, modes, owners, modification times, links, capabilities and `user.*`
/// attributes. Sockets are left out.
package struct MountTransfer {
  private let store: OCILayoutStore
  private let identity: BuilderIdentity
  private let cancellation: Cancellation?

  package init(_ store: OCILayoutStore, identity: BuilderIdentity, cancellation: Cancellation? = nil) {
    self.store = store
    self.identity = identity
    self.cancellation = cancellation
  }

  private func isCancelled() -> Bool { cancellation?.isCancelled == true }

  // MARK: Into a cache

  /// Packs folders of the store into another one. A mount that the build has, and the store does not, is passed over:
  /// its commands came from a cache.
  /// - Parameters:
  ///   - built: the ids that the build has; see ``BuildResult/mountIDs``.
  ///   - target: takes the archives, and not their records.
  ///   - packed: told of each.
  /// - Returns: the mounts, in the order of their ids and keys.
  package func export(
    _ choice: MountChoice, built: [[UInt8]], to target: OCILayoutStore,
    packed: (CachedMount) -> Void = { _ in }
  ) throws(MountTransferError) -> [CachedMount] {
    if choice == .none { return [] }
    let folders = try onStore { () throws(StoreError) in try store.mountFolders() }
    let known = Set(folders.compactMap { identity.mountID($0.name) } + built)
    if case .ids(let ids) = choice, let unknown = ids.first(where: { !known.contains($0) }) {
      throw .unknown(unknown, known: known.sorted { $0.lexicographicallyPrecedes($1) })
    }
    func isWanted(_ id: [UInt8]) -> Bool { choice == .all ? built.contains(id) : choice.includes(id) }
    var mounts: [CachedMount] = []
    for folder in folders.sorted(by: Self.precedes) {
      // Nothing else is called like that.
      guard let id = identity.mountID(folder.name), isWanted(id), let key = try? Digest(hex: folder.key[...])
      else { continue }
      guard let mount = try pack(key, id: id, to: target) else { continue }
      packed(mount)
      mounts.append(mount)
    }
    return mounts
  }

  private static func precedes(_ left: StoredMountFolder, _ right: StoredMountFolder) -> Bool {
    left.name != right.name ? left.name.lexicographicallyPrecedes(right.name) : left.key < right.key
  }

  private func pack(
    _ key: Digest, id: [UInt8], to target: OCILayoutStore
  ) throws(MountTransferError) -> CachedMount? {
    let held = try onStore { () throws(StoreError) in
      try store.holdMountFolder(key, isCancelled: isCancelled)
    }
    if isCancelled() { throw .cancelled }
    guard let held else { return nil }
    let root: SharedDirectory
    let status: FileStatus
    var entries: [LayerEntry]
    do throws(FileError) {
      root = try SharedDirectory(opening: BytePath(held.path))
      status = try root.directory.status(BytePath())
      let files = try Snapshot.capture(root.directory, attributes: .capabilitiesAndUser)
      entries =
        LayerDiff(from: Snapshot(), to: files) { (_: BytePath) in true }.layerEntries(root: root).entries
    } catch {
      throw .file(FileError(error.operation, BytePath(held.path).joining(error.path), error.code))
    }
    var owner = status.owner
    if !identity.keepsMountOwners {
      // All files are this user's, who is root in a build.
      owner = .root
      for index in entries.indices { entries[index].owner = .root }
    }
    let archive = try write(entries, of: held.path, to: target)
    return CachedMount(
      key: identity.mountPlace(key, id).key, id: id,
      archive: OCIModel.Descriptor(mediaType: archive.mediaType, digest: archive.digest, size: archive.size),
      diffID: archive.diffID,
      root: CachedMount.Root(mode: status.permissions, uid: owner.uid, gid: owner.gid))
  }

  private func write(
    _ entries: [LayerEntry], of folder: [UInt8], to target: OCILayoutStore
  ) throws(MountTransferError) -> WrittenLayer {
    var writer = LayerWriter(codec: .zstd)
    writer.form = .folder
    var sink = StoreSink(
      try onStore { () throws(StoreError) in try target.makeBlob() }, isCancelled: isCancelled)
    let archive: WrittenLayer
    do throws(LayerError) {
      archive = try writer.write(entries, into: &sink)
    } catch {
      if isCancelled() { throw .cancelled }
      if let failure = sink.failure { throw .store(failure) }
      if case .file(let error) = error {
        throw .file(FileError(error.operation, BytePath(folder).joining(error.path), error.code))
      }
      throw .layer(error)
    }
    do throws(StoreError) {
      try sink.finish(archive)
    } catch {
      throw .store(error)
    }
    return archive
  }

  // MARK: Out of a cache

  /// Fills the folder of a mount from a cache, if there is none in the store or if it is empty: what is there is never
  /// replaced.
  ///
  /// After an error the folder is as it was.
  /// - Parameter filling: told before the archive is fetched.
  /// - Returns: whether it was filled.
  package func bring(
    _ mount: CachedMount, from source: any CacheSource, filling: () -> Void = {}
  ) throws(MountTransferError) -> Bool {
    let place = identity.mountPlace(mount.key, mount.id)
    var opened: MountFolder?
    do throws(StoreError) {
      opened = try store.openMountFolder(
        place.key, name: place.name, sharing: .locked, replacingEmpty: true, isCancelled: isCancelled)
    } catch {
      throw .store(error)
    }
    guard var folder = opened.take() else { throw .cancelled }
    guard folder.isNew else { return false }
    filling()
    do throws(MountTransferError) {
      try fill(folder.path, with: mount, from: source)
    } catch {
      // What went wrong first is what the caller hears; who opens the folder next removes what stays now.
      try? folder.discard()
      throw isCancelled() ? .cancelled : error
    }
    do throws(StoreError) {
      try folder.complete()
    } catch {
      throw .store(error)
    }
    return true
  }

  private func fill(
    _ folder: [UInt8], with mount: CachedMount, from source: any CacheSource
  ) throws(MountTransferError) {
    let room = try onStore { () throws(StoreError) in try store.makeTemporaryFolder() }
    // It goes with the store, if not now.
    defer { try? Self.remove(BytePath(room)) }
    let holder = try onStore { () throws(StoreError) in
      try source.archive(of: mount, scratch: OCILayoutStore.open(root: room))
    }
    guard let holder else { throw .damaged(mount.archive.digest) }
    try unpack(mount, of: holder, to: BytePath(folder))
    do throws(FileError) {
      let path = BytePath(folder)
      let parent = try Directory(opening: path.parent)
      let name = BytePath(Array(path.lastComponent))
      var mode = mount.root.mode
      let owner = Owner(uid: mount.root.uid, gid: mount.root.gid)
      if identity.canGive(to: owner) { try parent.setOwner(name, owner) }
      if !identity.keepsMountOwners {
        mode = OwnershipTable.permissionsOnDisk(mode, type: .directory)
      }
      try parent.setPermissions(name, mode)
    } catch {
      throw .file(error)
    }
  }

  private func unpack(
    _ mount: CachedMount, of holder: OCILayoutStore, to path: BytePath
  ) throws(MountTransferError) {
    var options = ExtractOptions()
    options.expectedDiffID = mount.diffID
    options.whiteouts = .keep
    let root: SharedDirectory
    do throws(FileError) {
      root = try SharedDirectory(opening: path)
    } catch {
      throw .file(error)
    }
    // Where the disk cannot have other owners, all files become this user's.
    let placement = Placement(owners: identity.treeOwners)
    var extractor = Extractor(root, options: options, placement: placement)
    let failure = StoreSource.FailureBox()
    let reader = try onStore { () throws(StoreError) in try holder.open(mount.archive) }
    do throws(LayerError) {
      let source = StoreSource(reader, failure: failure, isCancelled: isCancelled)
      _ = try extractor.apply(ArchiveReader(source, compression: mount.archive.mediaType.layerCompression))
    } catch {
      if let failure = failure.error { throw .store(failure) }
      throw .layer(error)
    }
  }

  private static func remove(_ path: BytePath) throws(FileError) {
    try Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
  }

  private func onStore<Value: ~Copyable>(
    _ body: () throws(StoreError) -> Value
  ) throws(MountTransferError) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw .store(error)
    }
  }
}
