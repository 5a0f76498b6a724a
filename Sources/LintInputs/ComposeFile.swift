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
  private var services: [ConfigEntry] = []
  private var result = NamedDockerfiles()

  /// Whether a YAML file is a compose file, whatever it is called.
  var isCompose: Bool { text.root?["services"]?.map != nil }

  init(_ source: Source, folder: InputPath) {
    self.source = source
    self.folder = folder
    text = ConfigText(parsing: source)
  }

  /// How many services build on each other, and how deep merges are nested.
  private static let maximumDepth = 32

  /// What the services are built from, in the order of the file; what several share is there once.
  mutating func read() -> NamedDockerfiles {
    result = NamedDockerfiles()
    result.problems = text.problems
    services = text.root.flatMap { YAMLMerge.value("services", in: $0) }?.map ?? []
    var byName: [String: ConfigValue] = [:]
    for service in services { byName[service.name] = service.value }
    var seen: Set<UInt32> = []
    for service in services {
      let builds = builds(of: service.value, byName)
      if let inline = field("dockerfile_inline", builds, unless: "dockerfile"), inline.value.scalar != nil {
        guard seen.insert(inline.value.range.lower).inserted else { continue }
        // The key's column is what the block's indentation is counted from.
        if let scalar = ScalarText(inline.value, indent: column(of: inline), in: source, isInterpolated: true)
        {
          result.embedded.append(EmbeddedDockerfile(outer: source, service: service.name, scalar))
        }
      } else if !builds.isEmpty {
        addReference(builds)
      }
    }
    return result
  }

  /// The `build` of a service and those of the services that it extends, its own first.
  private func builds(of service: ConfigValue, _ services: [String: ConfigValue]) -> [ConfigValue] {
    var builds: [ConfigValue] = []
    var current = service
    for _ in 0..<Self.maximumDepth {
      if let build = YAMLMerge.value("build", in: current) { builds.append(build) }
      guard let extended = YAMLMerge.value("extends", in: current) else { break }
      // What another file holds is linted when that file is.
      guard YAMLMerge.value("file", in: extended) == nil,
        let name = extended.string ?? YAMLMerge.value("service", in: extended)?.string,
        let next = services[name]
      else { break }
      current = next
    }
    return builds
  }

  /// A field of the first `build` that has it; nil when another one stands there or in one before.
  private func field(_ name: String, _ builds: [ConfigValue], unless other: String) -> ConfigEntry? {
    for build in builds {
      if let entry = YAMLMerge.entry(name, in: build) { return entry }
      if YAMLMerge.value(other, in: build) != nil { return nil }
    }
    return nil
  }

  private mutating func addReference(_ builds: [ConfigValue]) {
    var context: ConfigValue?
    for build in builds where context == nil {
      context = build.scalar != nil ? build : YAMLMerge.value("context", in: build)
    }
    let dockerfile = field("dockerfile", builds, unless: "dockerfile_inline")?.value
    guard let contextPath = path(context, default: ".") else { return }
    guard !Self.isRemote(contextPath), let file = path(dockerfile, default: "Dockerfile") else { return }
    guard let range = (dockerfile ?? context ?? builds.first)?.range else { return }
    let path = folder.resolving(InputPath(contextPath)).resolving(InputPath(file))
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

  private func column(of entry: ConfigEntry) -> Int {
    let bytes = source.bytes
    let start = Int(entry.nameRange.lower)
    let lineStart = bytes[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return start - lineStart
  }
}

/// Maps with merge keys: what `<<` names counts where a key is not there itself (<https://yaml.org/type/merge.html>).
enum YAMLMerge {
  private static let maximumDepth = 16

  /// The value of a key; nil also for one that compose is told to take away.
  static func value(_ name: String, in map: ConfigValue) -> ConfigValue? { entry(name, in: map)?.value }

  /// A key with its value.
  static func entry(_ name: String, in map: ConfigValue) -> ConfigEntry? {
    guard let entry = entry(name, in: map, maximumDepth), !entry.value.isNull else { return nil }
    return entry.value.scalar?.tag == "!reset" ? nil : entry
  }

  private static func entry(_ name: String, in value: ConfigValue, _ depth: Int) -> ConfigEntry? {
    guard depth > 0, let entries = value.map else { return nil }
    if let own = entries.first(where: { $0.name == name }) { return own }
    guard let merged = entries.first(where: { $0.name == "<<" })?.value else { return nil }
    for map in merged.list ?? [merged] {
      if let entry = entry(name, in: map, depth - 1) { return entry }
    }
    return nil
  }
}

/// Variables in the values of compose files (the Compose Specification, 12-interpolation.md).
enum ComposeVariables {
  /// A text with the defaults of its variables; nil when one has none, or is not well formed.
  static func withDefaults(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    var bytes = Array(text.utf8)[...]
    return expand(&bytes, isInner: false, depth: 8).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Expands up to the end, or inside of a variable up to its brace, which is left.
  private static func expand(_ rest: inout ArraySlice<UInt8>, isInner: Bool, depth: Int) -> [UInt8]? {
    guard depth > 0 else { return nil }
    var result: [UInt8] = []
    while let byte = rest.first {
      if isInner, byte == UInt8(ascii: "}") { return result }
      rest = rest.dropFirst()
      guard byte == UInt8(ascii: "$") else {
        result.append(byte)
        continue
      }
      switch rest.first {
      case UInt8(ascii: "$"):
        result.append(byte)
        rest = rest.dropFirst()
      case UInt8(ascii: "{"):
        rest = rest.dropFirst()
        let name = rest.prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
        rest = rest.dropFirst(name.count)
        if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
        guard !name.isEmpty, rest.first == UInt8(ascii: "-") else { return nil }
        rest = rest.dropFirst()
        guard let value = expand(&rest, isInner: true, depth: depth - 1), rest.first == UInt8(ascii: "}")
        else { return nil }
        rest = rest.dropFirst()
        result += value
      default: return nil
      }
    }
    return isInner ? nil : result
  }
}
