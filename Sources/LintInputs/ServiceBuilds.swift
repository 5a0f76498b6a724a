import ConfigText
import SourceText

/// What a service is built from, as far as its Dockerfile goes.
struct ServiceBuild {
  var context: ConfigValue?
  var dockerfile: ConfigValue?
  /// `dockerfile_inline`, where no `dockerfile` stands instead.
  var inline: ConfigEntry?
  /// Where the `build` stands.
  var range: ByteRange

  /// - Parameter build: a `build`: the path of a context, or a map.
  init(_ build: ConfigValue) {
    range = build.range
    if build.scalar != nil {
      context = build
    } else {
      context = YAMLMerge.value("context", in: build)
      dockerfile = YAMLMerge.value("dockerfile", in: build)
      inline = YAMLMerge.entry("dockerfile_inline", in: build)
    }
  }

  /// Takes what is not said here from the service that this one extends.
  mutating func fill(from base: ServiceBuild) {
    context = context ?? base.context
    guard dockerfile == nil, inline == nil else { return }
    dockerfile = base.dockerfile
    inline = base.inline
  }
}

/// The builds of services that extend each other. Each service is looked into once, whatever builds on it.
struct ServiceBuilds {
  private let services: [String: ConfigValue]
  private var known: [String: ServiceBuild?] = [:]

  /// How many services may build on each other.
  private static let maximumDepth = 32

  init(_ services: [ConfigEntry]) {
    self.services = Dictionary(services.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// The build of a service; nil when it has none.
  mutating func build(of name: String) -> ServiceBuild? {
    // From the service to what it builds on, up to one that is known.
    var chain: [(name: String, build: ServiceBuild?)] = []
    var next: String? = name
    var result: ServiceBuild?
    while let current = next, chain.count < Self.maximumDepth, let service = services[current] {
      if let found = known[current] {
        result = found
        break
      }
      chain.append((current, YAMLMerge.value("build", in: service).map { ServiceBuild($0) }))
      next = Self.extended(service)
    }
    for (name, own) in chain.reversed() {
      if var own {
        if let base = result { own.fill(from: base) }
        result = own
      }
      known[name] = .some(result)
    }
    return result
  }

  /// The service of the same file that a service extends; what another file holds is linted when that file is.
  private static func extended(_ service: ConfigValue) -> String? {
    guard let extended = YAMLMerge.value("extends", in: service) else { return nil }
    if let name = extended.string { return name }
    return YAMLMerge.value("file", in: extended) == nil
      ? YAMLMerge.value("service", in: extended)?.string : nil
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
