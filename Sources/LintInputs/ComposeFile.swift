import ConfigText
import Diagnostics
import SourceText

/// What a file says about Dockerfiles: those inside it, and those that it names.
struct NamedDockerfiles {
  /// A path in the file.
  struct Reference {
    let path: InputPath
    let kind: InputKind
    /// Where it stands.
    let range: ByteRange
  }

  var embedded: [EmbeddedDockerfile] = []
  var references: [Reference] = []
  /// What the text itself has wrong.
  var problems: [Diagnostic] = []
  /// Paths that only a program with variables at hand can tell.
  var unresolved: [(text: String, range: ByteRange)] = []
}

/// A compose file, as far as it says what images are built from (the Compose Specification, build.md).
struct ComposeFile {
  private let source: Source
  /// The folder that relative paths start from.
  private let folder: InputPath
  private let text: ConfigText
  private var result = NamedDockerfiles()

  /// Whether a YAML file is a compose file, whatever it is called.
  var isCompose: Bool { text.root?["services"]?.map != nil }

  init(_ source: Source, folder: InputPath) {
    self.source = source
    self.folder = folder
    text = ConfigText(parsing: source)
  }

  /// What the services are built from, in the order of the file; what several share is there once.
  mutating func read() -> NamedDockerfiles {
    result = NamedDockerfiles()
    result.problems = text.problems
    let services = text.root.flatMap { YAMLMerge.value("services", in: $0) }?.map ?? []
    var builds = ServiceBuilds(services)
    var seen: Set<UInt32> = []
    for service in services {
      guard let build = builds.build(of: service.name) else { continue }
      guard let inline = build.inline else {
        addReference(build)
        continue
      }
      guard seen.insert(inline.value.range.lower).inserted,
        let scalar = ScalarText(inline, in: source, isInterpolated: true)
      else { continue }
      result.embedded.append(EmbeddedDockerfile(outer: source, service: service.name, scalar))
    }
    return result
  }

  private mutating func addReference(_ build: ServiceBuild) {
    guard let context = path(build.context, default: ".") else { return }
    guard !Self.isRemote(context), let file = path(build.dockerfile, default: "Dockerfile") else { return }
    let path = folder.resolving(InputPath(context)).resolving(InputPath(file))
    let range = build.dockerfile?.range ?? build.context?.range ?? build.range
    result.references.append(.init(path: path.simplified(), kind: .dockerfile, range: range))
  }

  /// The path that a value is; nil (and noted) when it has variables without a default.
  private mutating func path(_ value: ConfigValue?, default text: String) -> String? {
    guard let value else { return text }
    guard let scalar = value.scalar else { return nil }
    guard !scalar.text.isEmpty, !scalar.isNull else { return text }
    if let path = ComposeVariables.withDefaults(scalar.text) { return path.isEmpty ? text : path }
    result.unresolved.append((scalar.text, value.range))
    return nil
  }

  /// Whether a context is not a folder here.
  private static func isRemote(_ context: String) -> Bool {
    context.contains("://") || context.hasPrefix("git@") || context.hasPrefix("github.com/")
  }
}
