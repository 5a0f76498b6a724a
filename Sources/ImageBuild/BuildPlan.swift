import DockerfileSyntax
package import FileTree
package import ImageStore
package import OCIModel
package import SourceText

/// What a build does: the stages that the target needs, every variable replaced, nothing run yet.
package struct BuildPlan: Sendable {
  package struct Stage: Sendable {
    package var number: Int
    /// As written; nil without `AS`.
    package var name: String?
    package var base: Base
    /// The index of the FROM.
    package var instruction: Int
    /// The FROM.
    package var range: ByteRange
    package var steps: [BuildStep]
    /// The stage's image but for the layers that its steps make.
    package var image: ImageConfig
    /// What the stage reads besides its base.
    var references: Set<TreeReference>
  }

  package enum Base: Hashable, Sendable {
    case scratch
    case stage(Int)
    /// The index into ``BuildPlan/images``.
    case image(Int)
  }

  /// In the order of the file, which is an order in which they can be built.
  package var stages: [Stage]
  /// The number of the stage whose image is wanted.
  package var target: Int
  /// The images that stages start from or copy from.
  package var images: [BaseImage]
  /// The folders of `--build-context` that stages copy from or mount.
  package var folders: [NamedFolder] = []
  package var warnings: [BuildWarning]

  /// The ids of the cache mounts of all stages; sorted.
  var mountIDs: [[UInt8]] {
    var ids: Set<[UInt8]> = []
    for step in stages.flatMap(\.steps) {
      guard case .run(let run) = step.operation else { continue }
      for case .cache(let cache) in run.mounts.map(\.kind) { ids.insert(cache.id) }
    }
    return ids.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// How many layers the image starts with: those of the base that the target stands on in the end.
  var baseLayers: Int {
    var number = target
    while let stage = stages.first(where: { $0.number == number }) {
      switch stage.base {
      case .scratch: return 0
      case .image(let index): return images[index].image.manifest.layers.count
      case .stage(let other): number = other
      }
    }
    return 0
  }

  /// Makes the plan, or says all that is wrong with the Dockerfile.
  package static func make(
    _ request: BuildRequest, images: some BaseImages
  ) throws(BuildError) -> BuildPlan {
    var planner = Planner(request, images: images)
    return try planner.plan()
  }
}

/// An image that the build starts from.
package struct BaseImage: Hashable, Sendable {
  /// As the Dockerfile names it.
  package var name: String
  package var image: ResolvedImage

  package init(name: String, image: ResolvedImage) {
    self.name = name
    self.image = image
  }
}

/// A folder of the host that has a name in the Dockerfile.
package struct NamedFolder: Sendable {
  /// As the Dockerfile names it.
  package var name: String
  package var path: BytePath
  /// What of it is left out.
  package var ignore: IgnoreFile

  package init(name: String, path: BytePath, ignore: IgnoreFile) {
    self.name = name
    self.path = path
    self.ignore = ignore
  }
}

/// Where images are looked for.
package protocol BaseImages {
  /// Finds an image by what FROM or `--from` says. A platform of nil takes this machine's, or the only one.
  func image(_ name: String, platform: Platform?) throws(BaseImageError) -> ResolvedImage

  /// Whether the image of a name goes before a stage of that name: `--build-context`.
  func replacesStage(_ name: String) -> Bool

  /// The folder of a name, for COPY and RUN to read it where it is; nil if the name is that of an image.
  func folder(_ name: String) -> NamedFolder?
}

extension BaseImages {
  package func replacesStage(_ name: String) -> Bool { false }
  package func folder(_ name: String) -> NamedFolder? { nil }
}
