import FileTree
import OCIModel
import SourceText
import Testing

@testable import ImageBuild
@testable import ImageStore

/// Base images for plans: configurations by name.
struct StubImages: BaseImages {
  var configs: [String: ImageConfig] = [:]

  func image(_ name: String, platform: Platform?) throws(BaseImageError) -> ResolvedImage {
    guard let config = configs[name] else { throw .notFound }
    let descriptor = Descriptor(of: Array(name.utf8), mediaType: .ociManifest)
    return ResolvedImage(
      root: descriptor, descriptor: descriptor, manifest: ImageManifest(config: descriptor, layers: []),
      config: config)
  }
}

/// Plans a Dockerfile; nothing is run.
func plan(
  _ text: String, _ arguments: [(String, String)] = [], images: [String: ImageConfig] = [:],
  _ configure: (inout BuildRequest) -> Void = { _ in }
) throws -> BuildPlan {
  var request = BuildRequest(
    dockerfile: Source(name: "Dockerfile", text: text), context: "/nonexistent",
    created: Timestamp(seconds: 1_700_000_000))
  request.arguments = arguments.map {
    BuildRequest.Argument(name: Array($0.0.utf8), value: Array($0.1.utf8))
  }
  configure(&request)
  return try BuildPlan.make(request, images: StubImages(configs: images))
}

/// The problems that keep a Dockerfile from being planned; empty if nothing does.
func problems(
  _ text: String, _ arguments: [(String, String)] = [], images: [String: ImageConfig] = [:],
  _ configure: (inout BuildRequest) -> Void = { _ in }
) throws -> [BuildProblem.Kind] {
  do {
    _ = try plan(text, arguments, images: images, configure)
    return []
  } catch BuildError.invalid(let problems) {
    return problems.map(\.kind)
  }
}

extension BuildPlan {
  var targetStage: Stage {
    get throws { try #require(stages.first { $0.number == target }) }
  }

  var image: ImageConfig {
    get throws { try targetStage.image }
  }

  /// The lines of the target's history, as they read.
  var historyLines: [String] {
    get throws { try image.history.map { $0.createdBy ?? "" } }
  }

  /// The value of a label of the target.
  func label(_ name: String) throws -> String? { try image.config.labels[name] }
}

/// A base with some configuration.
func base(_ change: (inout ContainerConfig) -> Void = { _ in }) -> ImageConfig {
  var config = ImageConfig(platform: .host)
  config.config.environment = ["PATH=/bin"]
  config.history = [History(created: "2020-01-01T00:00:00Z", createdBy: "base")]
  change(&config.config)
  return config
}
