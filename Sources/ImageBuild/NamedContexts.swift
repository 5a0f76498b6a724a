package import FileTree
import ImageStore
import Isolation
import Layers
import OCIModel
import SourceText

/// What `--build-context NAME=…` gives a name to.
package struct NamedContext: Sendable {
  package enum Kind: Sendable {
    /// An image, named as FROM names it.
    case image(String)
    /// A folder of the host, and what of it is left out.
    case folder(BytePath, IgnoreFile)
  }

  package var name: String
  package var kind: Kind
  /// When its files were changed.
  package var time: ContextTime

  package init(name: String, kind: Kind, time: ContextTime = .unknown) {
    self.name = name
    self.kind = kind
    self.time = time
  }

  /// Names are compared in small letters, and those of images in full.
  func isNamed(_ other: String) -> Bool {
    if name.lowercased() == other.lowercased() { return true }
    guard let left = try? ImageReference(parsing: name.lowercased()),
      let right = try? ImageReference(parsing: other.lowercased())
    else { return false }
    return left.tagged == right.tagged && left.digest == right.digest
  }
}

/// Images by the names of `--build-context`, then those of the store.
///
/// COPY and RUN read a folder where it is, as they read the context. For FROM it is packed into an image of one layer,
/// with root as the owner of everything.
struct NamedContexts: BaseImages {
  private let request: BuildRequest
  private let store: OCILayoutStore
  private let identity: BuilderIdentity
  private let cancellation: Cancellation?
  private let stored: StoredBaseImages

  init(
    _ request: BuildRequest, store: OCILayoutStore, identity: BuilderIdentity, cancellation: Cancellation?,
    events: @escaping @Sendable (BuildEvent) -> Void
  ) {
    stored = StoredBaseImages(store, registry: request.registry, events: events)
    self.request = request
    self.store = store
    self.identity = identity
    self.cancellation = cancellation
  }

  private func context(_ name: String) -> NamedContext? {
    request.namedContexts.last { $0.isNamed(name) }
  }

  func replacesStage(_ name: String) -> Bool { context(name) != nil }

  func folder(_ name: String) -> NamedFolder? {
    guard let context = context(name), case .folder(let path, let ignore) = context.kind else { return nil }
    return NamedFolder(name: name, path: path, ignore: ignore)
  }

  func image(_ name: String, platform: Platform?) throws(BaseImageError) -> ResolvedImage {
    guard let context = context(name) else {
      return try stored.image(name, platform: platform)
    }
    switch context.kind {
    case .image(let other): return try stored.image(other, platform: platform)
    case .folder(let path, let ignore): return try pack(path, ignore, platform)
    }
  }

  private func pack(
    _ folder: BytePath, _ ignore: IgnoreFile, _ platform: Platform?
  ) throws(BaseImageError) -> ResolvedImage {
    var inner = BuildRequest(
      dockerfile: Source(name: "--build-context", text: "FROM scratch\nCOPY . /\n"), context: folder,
      created: request.created)
    inner.ignore = ignore
    inner.platform = platform
    inner.clampsTimes = request.clampsTimes
    do throws(BuildError) {
      let builder = Builder(inner, store: store, identity: identity, cancellation: cancellation)
      let result = try builder.build { _ in }
      return try store.resolve(result)
    } catch {
      switch error {
      case .store(let error): throw .store(error)
      case .file(let error): throw .folder(folder, .file(error))
      case .step(let problem):
        switch problem.kind {
        // Where a file is, the step has said.
        case .file(let error), .copy(.file(let error)), .layer(.file(let error)):
          throw .folder(folder, .file(error))
        case .layer(let error): throw .folder(folder, .layer(error))
        case .store(let error): throw .store(error)
        default: throw .folder(folder, nil)
        }
      default: throw .folder(folder, nil)
      }
    }
  }
}

extension OCILayoutStore {
  fileprivate func resolve(_ result: BuildResult) throws(BuildError) -> ResolvedImage {
    do throws(StoreError) {
      return try resolve(result.descriptor, platform: result.image.platform)
    } catch {
      throw .store(error)
    }
  }
}
