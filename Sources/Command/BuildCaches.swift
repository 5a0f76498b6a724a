import Glibc
import ImageBuild
import ImageStore
import Isolation
import OCIModel
import Registry

/// The caches of `--cache-from` and `--cache-to`: what comes from them before a build, and goes to them after it.
struct BuildCaches {
  private let sources: [CacheOption]
  let targets: [CacheOption]
  /// Whether warnings are told.
  private let warns: Bool
  /// Whether it is told what becomes of mounts.
  private let tells: Bool

  init(from: [String], to: [String], isQuiet: Bool, isSilent: Bool) throws {
    sources = try from.map { try CacheOption($0, .from) }
    targets = try to.map { try CacheOption($0, .to) }
    warns = !isQuiet
    tells = !isSilent
  }

  /// What caches go to and come from on this machine.
  struct Desk {
    var store: OCILayoutStore
    var client: RegistryClient
    var identity: BuilderIdentity
    var cancellation: Cancellation

    var mounts: MountTransfer { MountTransfer(store, identity: identity, cancellation: cancellation) }
  }

  private func warn(_ text: String) {
    if warns { Exit.complain("warning: \(text)") }
  }

  private func tell(_ text: String) {
    if tells { Exit.complain(text) }
  }

  // MARK: Before a build

  /// Opens the caches that steps are taken from, and fills the folders of mounts. Without a cache, or a mount that one is
  /// asked for, there is a warning: as before the first build of a pipeline.
  func open(_ desk: Desk) throws -> [any CacheSource] {
    var opened: [any CacheSource] = []
    for option in sources {
      guard let source = try open(option, desk.client) else { continue }
      opened.append(source)
      try fill(from: source, option, desk)
    }
    return opened
  }

  private func open(_ option: CacheOption, _ client: RegistryClient) throws -> (any CacheSource)? {
    var source: (any CacheSource)?
    switch option.place {
    case .folder(let path):
      do throws(StoreError) {
        source = try OCILayoutStore.openIfPresent(root: absolute(Array(path.utf8)))
      } catch {
        throw Failure("\(option.title): \(storeSentence(error))", status: Exit.unable)
      }
    case .registry(let reference):
      do throws(RegistryError) {
        source = try RegistryCache(client, reference) { host, error in
          warn("\(option.title): \(mirrorSentence(host, error))")
        }
      } catch {
        warn("\(option.title): \(registrySentence(error).message)")
        return nil
      }
    case .image: return nil
    }
    if source == nil { warn("\(option.title): there is no cache yet") }
    return source
  }

  private func fill(from source: any CacheSource, _ option: CacheOption, _ desk: Desk) throws {
    if option.mounts == .none { return }
    let mounts: [CachedMount]
    do throws(StoreError) {
      mounts = try source.mounts()
    } catch {
      return warn("\(option.title): \(storeSentence(error))")
    }
    if case .ids(let ids) = option.mounts {
      for id in ids where !mounts.contains(where: { $0.id == id }) {
        warn("\(option.title): \(missingMountSentence(id, known: mounts.map(\.id), in: "the cache"))")
      }
    }
    for mount in mounts where option.mounts.includes(mount.id) {
      let name = String(decoding: mount.id, as: UTF8.self)
      do throws(MountTransferError) {
        let isFilled = try desk.mounts.bring(mount, from: source) {
          tell("filling the cache mount \(name): \(byteCount(mount.archive.size))")
        }
        if !isFilled { tell("the cache mount \(name) stays as it is: its folder is not empty") }
      } catch .cancelled {
        throw BuildError.cancelled
      } catch {
        warn("\(option.title): the cache mount \(name) is not filled: \(mountTransferSentence(error))")
      }
    }
  }

  // MARK: After a build

  /// Writes the steps and mounts of builds to the caches, but for those that are part of the image.
  func export(_ results: [BuildResult], _ desk: Desk, _ view: () -> TransferView) throws {
    let built = Set(results.flatMap(\.mountIDs)).sorted { $0.lexicographicallyPrecedes($1) }
    for option in targets {
      let keys = Set(results.flatMap { option.isComplete ? $0.cacheKeys : $0.imageCacheKeys }).sorted()
      switch option.place {
      case .folder(let path): try export(keys, built, toFolder: absolute(Array(path.utf8)), option, desk)
      case .registry(let reference): try export(keys, built, to: reference, option, desk, view())
      case .image: break
      }
    }
  }

  private func export(
    _ keys: [Digest], _ built: [[UInt8]], toFolder path: [UInt8], _ option: CacheOption, _ desk: Desk
  ) throws {
    try onStore(option) { () throws(StoreError) in
      try desk.store.exportSteps(keys, to: OCILayoutStore.open(root: path))
    }
    let replaced = try exportMounts(built, toFolder: path, option, desk)
    if replaced.isEmpty { return }
    try onStore(option) { () throws(StoreError) in
      do throws(StoreError) {
        // Opened anew: nobody may be writing, this process included.
        let folder = try OCILayoutStore.open(root: path)
        try folder.whileIdle { () throws(StoreError) in try folder.removeUnneeded(replaced) }
      } catch .busy {
        // Somebody else is writing there. What is needed no more waits for `slipway prune`.
      }
    }
  }

  /// - Returns: the archives that were replaced.
  private func exportMounts(
    _ built: [[UInt8]], toFolder path: [UInt8], _ option: CacheOption, _ desk: Desk
  ) throws -> [Digest] {
    if option.mounts == .none { return [] }
    let folder = try onStore(option) { () throws(StoreError) in try OCILayoutStore.open(root: path) }
    let mounts = try pack(built, to: folder, option, desk)
    return try onStore(option) { () throws(StoreError) in try folder.replaceMountArchives(mounts) }
  }

  private func export(
    _ keys: [Digest], _ built: [[UInt8]], to reference: ImageReference, _ option: CacheOption, _ desk: Desk,
    _ view: TransferView
  ) throws {
    var mounts: [CachedMount] = []
    var archives: OCILayoutStore?
    if option.mounts != .none {
      // It goes with the store of this process.
      let scratch = try onStore(option) { () throws(StoreError) in
        try OCILayoutStore.open(root: desk.store.makeTemporaryFolder())
      }
      mounts = try pack(built, to: scratch, option, desk)
      archives = scratch
    }
    do throws(RegistryError) {
      try RegistryCache.export(
        keys, mounts: mounts, in: archives, of: desk.store, desk.client, to: reference
      ) { view.show($0) }
      view.end()
    } catch {
      view.end()
      throw transferFailure(error, reference)
    }
  }

  private func pack(
    _ built: [[UInt8]], to target: OCILayoutStore, _ option: CacheOption, _ desk: Desk
  ) throws -> [CachedMount] {
    do throws(MountTransferError) {
      return try desk.mounts.export(option.mounts, built: built, to: target) { mount in
        let name = String(decoding: mount.id, as: UTF8.self)
        tell("packed the cache mount \(name): \(byteCount(mount.archive.size))")
      }
    } catch .cancelled {
      throw BuildError.cancelled
    } catch {
      throw Failure("\(option.title): \(mountTransferSentence(error))", status: Exit.unable)
    }
  }

  private func onStore<Value>(
    _ option: CacheOption, _ body: () throws(StoreError) -> Value
  ) throws -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw Failure("\(option.title): \(storeSentence(error))", status: Exit.unable)
    }
  }
}
