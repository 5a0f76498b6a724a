import DockerfileSyntax
import OCIModel

/// What variables stand for at a place in a stage, and which ARGs have been declared.
///
/// ARG and ENV write to one set of variables, and the later one counts, whatever the reference says of ENV's
/// precedence: that is how BuildKit behaves.
struct VariableScope: Sendable {
  struct Variable: Hashable, Sendable {
    var name: [UInt8]
    var value: [UInt8]
  }

  /// An ARG as it was declared; without a value it is not set.
  struct Argument: Hashable, Sendable {
    var name: [UInt8]
    var value: [UInt8]?
  }

  /// In the order in which they were set first.
  private(set) var variables: [Variable] = []
  /// In the order of declaration; one name may stand here twice.
  private(set) var arguments: [Argument] = []
  private var indices: [[UInt8]: Int] = [:]

  subscript(name: [UInt8]) -> [UInt8]? {
    indices[name].map { variables[$0].value }
  }

  mutating func set(_ name: [UInt8], _ value: [UInt8]) {
    if let index = indices[name] {
      variables[index].value = value
    } else {
      indices[name] = variables.count
      variables.append(Variable(name: name, value: value))
    }
  }

  mutating func declare(_ name: [UInt8], _ value: [UInt8]?) {
    arguments.append(Argument(name: name, value: value))
    if let value { set(name, value) }
  }

  /// Replaces the variables of a word.
  func expand(
    _ word: [UInt8], escape: UInt8 = 0x5C, processesQuotes: Bool = true
  ) throws(ExpansionError) -> [UInt8] {
    try Expander(escape: escape, processesQuotes: processesQuotes) { self[$0] }.expand(word)
  }

  /// Replaces the variables of a word, and names those in it that are set.
  func expandNaming(
    _ word: [UInt8], escape: UInt8
  ) throws(ExpansionError) -> (value: [UInt8], names: Set<[UInt8]>) {
    var names: Set<[UInt8]> = []
    let value = try Expander(escape: escape) { name in
      let value = self[name]
      if value != nil { names.insert(name) }
      return value
    }.expand(word)
    return (value, names)
  }

  /// Replaces the variables of a text and splits it into words, values included.
  func words(_ text: [UInt8], escape: UInt8) throws(ExpansionError) -> [[UInt8]] {
    try Expander(escape: escape) { self[$0] }.words(text)
  }

  /// The declared ARGs with their values, as the history of a RUN lists them: one entry a name, at the
  /// place of its first declaration.
  var historyArguments: [String] {
    var order: [[UInt8]] = []
    var values: [[UInt8]: [UInt8]] = [:]
    for argument in arguments {
      if values[argument.name] == nil { order.append(argument.name) }
      values[argument.name] = self[argument.name] ?? argument.value ?? []
    }
    return order.map { String(decoding: $0 + [0x3D] + (values[$0] ?? []), as: UTF8.self) }
  }
}

/// The arguments that exist without being declared in a stage: those of the platforms, and the ARGs before
/// the first FROM.
struct GlobalArguments: Sendable {
  /// What `--build-arg` gives.
  let given: [[UInt8]: [UInt8]]
  private(set) var scope = VariableScope()
  private let epoch: Epoch?

  /// - Parameter lastStage: the name of the stage that is built when the request names none.
  init(_ request: BuildRequest, lastStage: String?, host: Platform, target: Platform) {
    given = Dictionary(request.arguments.map { ($0.name, $0.value) }) { $1 }
    epoch = request.epoch
    for (prefix, platform) in [("BUILD", host), ("TARGET", target)] {
      for (name, value) in [
        ("PLATFORM", platform.description), ("OS", platform.os), ("OSVERSION", platform.osVersion ?? ""),
        ("ARCH", platform.architecture), ("VARIANT", platform.variant ?? ""),
      ] {
        set(prefix + name, value)
      }
    }
    set("TARGETSTAGE", request.target ?? lastStage ?? "default")
  }

  private mutating func set(_ name: String, _ value: String) {
    let name = Array(name.utf8)
    scope.set(name, given[name] ?? Array(value.utf8))
  }

  /// Takes in an ARG that stands before the first FROM.
  mutating func declare(_ assignment: Assignment, escape: UInt8) throws(ExpansionError) {
    let name = assignment.name.bytes
    if let value = given[name] {
      scope.set(name, value)
    } else if name == BuildRequest.epochName, let epoch {
      if let seconds = epoch.seconds { scope.set(name, Array("\(seconds)".utf8)) }
    } else if let value = assignment.value {
      scope.set(name, try scope.expand(value.bytes, escape: escape))
    }
  }

  /// Names that `--build-arg` may give without a declaration: proxies, for RUN only.
  static let proxyNames = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"]

  /// What RUN finds as the machine's name: docker's build argument for it, or the name that every build has.
  var hostname: [UInt8] {
    let name = given[Array("BUILDKIT_SANDBOX_HOSTNAME".utf8)] ?? []
    return name.isEmpty ? Array("buildkitsandbox".utf8) : name
  }

  /// The proxies for RUN under both spellings of their names, which every program finds one of.
  var proxies: [VariableScope.Variable] {
    var result: [VariableScope.Variable] = []
    for name in Self.proxyNames {
      // The upper-case spelling wins where both are given, as it comes first in byte order.
      let upper = name.uppercased()
      guard let value = given[Array(upper.utf8)] ?? given[Array(name.utf8)] else { continue }
      result.append(VariableScope.Variable(name: Array(upper.utf8), value: value))
      result.append(VariableScope.Variable(name: Array(name.utf8), value: value))
    }
    return result
  }
}
