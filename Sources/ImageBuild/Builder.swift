import FileTree
import Glibc
package import ImageStore
package import Isolation
import Layers
package import OCIModel

/// What a build made.
package struct BuildResult: Sendable {
  /// The image's manifest, which is in the store and has no name there yet.
  package var descriptor: OCIModel.Descriptor
  package var manifest: ImageManifest
  package var image: ImageConfig
  /// How many of the layers come from the base image.
  package var baseLayers = 0
  /// The keys of all steps that the cache had, or has now; sorted.
  package var cacheKeys: [Digest] = []
  /// Those of them whose layers are in the image, when it was built.
  package var imageCacheKeys: [Digest] = []
  /// The ids of the cache mounts of all stages that were built; sorted.
  package var mountIDs: [[UInt8]] = []
}

/// Builds an image from a Dockerfile.
package struct Builder {
  private let request: BuildRequest
  private let store: OCILayoutStore
  private let identity: BuilderIdentity
  private let cancellation: Cancellation?

  /// - Parameter cancellation: stops the command that runs, and the build before its next step.
  package init(
    _ request: BuildRequest, store: OCILayoutStore, identity: BuilderIdentity,
    cancellation: Cancellation? = nil
  ) {
    self.request = request
    self.store = store
    self.identity = identity
    self.cancellation = cancellation
  }

  /// Builds, and blocks until the image is in the store or there is none.
  ///
  /// Everything temporary is below the store's `tmp` and gone when this returns.
  package func build(events: @escaping @Sendable (BuildEvent) -> Void) throws(BuildError) -> BuildResult {
    do throws(StoreError) {
      try store.beginWork()
    } catch {
      throw .store(error)
    }
    let images = NamedContexts(
      request, store: store, identity: identity, cancellation: cancellation, events: events)
    let plan: BuildPlan
    do throws(BuildError) {
      plan = try BuildPlan.make(request, images: images)
    } catch {
      // A pull that was interrupted is no problem of the Dockerfile.
      if cancellation?.isCancelled ?? false { throw .cancelled }
      throw error
    }
    for warning in plan.warnings { events(.warning(warning)) }
    let work: [UInt8]
    do throws(StoreError) {
      work = try store.makeTemporaryFolder()
    } catch {
      throw .store(error)
    }
    var result: BuildResult
    do throws(BuildError) {
      let run = try BuildRun(
        plan: plan, request: request, store: store, identity: identity, cancellation: cancellation,
        work: work, events: events)
      result = try run.build()
      result.baseLayers = plan.baseLayers
    } catch {
      // What went wrong first is what the caller hears; the store sweeps up what stays now.
      try? Self.remove(work)
      throw error
    }
    do throws(FileError) {
      try Self.remove(work)
    } catch {
      throw .file(error)
    }
    return result
  }

  private static func remove(_ work: [UInt8]) throws(FileError) {
    let path = BytePath(work)
    try Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
  }
}
