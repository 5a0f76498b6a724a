import DockerfileSyntax
import OCIModel
package import SourceText

/// What a build can be given: the arguments, secrets and agents that the target and the stages behind it ask for, as
/// BuildKit's `frontend.outline` lists them.
///
/// Nothing is looked up: what the base images' environment would put into values is not there.
package struct BuildOutline: Hashable, Sendable {
  package struct Argument: Hashable, Sendable {
    package var name: String
    /// The value that a build with these arguments would use; empty without one.
    package var value: String
    /// The comment above the ARG that starts with the name, without the name.
    package var description: String?
    /// The ARG.
    package var range: ByteRange
  }

  /// A secret or agent of a RUN.
  package struct Grant: Hashable, Sendable {
    package var id: String
    package var isRequired: Bool
    /// The RUN.
    package var range: ByteRange
  }

  /// The target's name as written; nil without `AS`.
  package var name: String?
  /// The comment above the target's FROM that starts with its name, without the name.
  package var description: String?
  package var arguments: [Argument] = []
  package var secrets: [Grant] = []
  package var agents: [Grant] = []

  /// Reads the outline of the request's target.
  package static func make(_ request: BuildRequest) throws(BuildError) -> BuildOutline {
    let file = Dockerfile(parsing: request.dockerfile)
    try file.refuseProblems()
    var reader = OutlineReader(request, file)
    do throws(BuildProblem) {
      return try reader.outline()
    } catch {
      throw .invalid([error])
    }
  }
}

/// Walks through the stages of an outline.
private struct OutlineReader {
  /// What is known of an ARG.
  private struct Declared {
    var argument: BuildOutline.Argument
    /// The arguments that its value is made of.
    var ingredients: Set<[UInt8]> = []
  }

  /// The arguments that exist at a place, and those that count as used.
  private struct Scope {
    var variables: VariableScope
    var declared: [[UInt8]: Declared] = [:]
    var used: Set<[UInt8]> = []
  }

  /// What a stage and what it stands on ask for; nothing is in it twice.
  private struct Stage {
    var scope: Scope
    var secrets: [[UInt8]: BuildOutline.Grant] = [:]
    var agents: [[UInt8]: BuildOutline.Grant] = [:]
    /// The stages that it starts from or copies from.
    var dependencies: [Int] = []
  }

  private let request: BuildRequest
  private let file: Dockerfile
  private var globals: GlobalArguments
  private var preamble = Scope(variables: VariableScope())
  private var stages: [Int: Stage] = [:]

  init(_ request: BuildRequest, _ file: Dockerfile) {
    self.request = request
    self.file = file
    globals = GlobalArguments(
      request, lastStage: file.stages.last?.name, host: .host, target: request.platform ?? .host)
  }

  mutating func outline() throws(BuildProblem) -> BuildOutline {
    guard let target = try file.target(request.target) else { return BuildOutline() }
    try readPreamble()
    try read(target)
    let stage = file.stages[target]
    let name = stage.from.name
    var outline = BuildOutline(
      name: name?.string,
      description: name.flatMap { file.description(of: $0.bytes, above: file.instructions[stage.start]) })
    // The target's own word on an argument counts, then that of the stages behind it.
    var arguments: [[UInt8]: BuildOutline.Argument] = [:]
    var secrets: [[UInt8]: BuildOutline.Grant] = [:]
    var agents: [[UInt8]: BuildOutline.Grant] = [:]
    for number in reachable(from: target) {
      guard let stage = stages[number] else { continue }
      for name in closure(stage.scope) {
        if let known = stage.scope.declared[name] {
          arguments[name] = arguments[name] ?? known.argument
        }
      }
      secrets.merge(stage.secrets) { first, _ in first }
      agents.merge(stage.agents) { first, _ in first }
    }
    outline.arguments = arguments.values.sorted { ($0.range, $0.name) < ($1.range, $1.name) }
    outline.secrets = secrets.values.sorted { ($0.range, $0.id) < ($1.range, $1.id) }
    outline.agents = agents.values.sorted { ($0.range, $0.id) < ($1.range, $1.id) }
    return outline
  }

  /// A stage and those behind it, each once, the nearest first.
  private func reachable(from target: Int) -> [Int] {
    var order = [target]
    var seen: Set = [target]
    var next = 0
    while next < order.count {
      for other in stages[order[next]]?.dependencies ?? [] where seen.insert(other).inserted {
        order.append(other)
      }
      next += 1
    }
    return order
  }

  /// The used arguments and all that their values are made of.
  private func closure(_ scope: Scope) -> Set<[UInt8]> {
    var open = Array(scope.used)
    var seen = scope.used
    while let name = open.popLast() {
      for other in scope.declared[name]?.ingredients ?? [] where seen.insert(other).inserted {
        open.append(other)
      }
    }
    return seen
  }

  // MARK: Reading

  private mutating func readPreamble() throws(BuildProblem) {
    for instruction in file.instructions[file.preamble] {
      guard case .arg(let assignments) = instruction.details else { continue }
      for assignment in assignments {
        let name = assignment.name.bytes
        var ingredients: Set<[UInt8]> = []
        if globals.given[name] == nil, let value = assignment.value {
          ingredients = try expanded(value, globals.scope, instruction).names
          // A value that builds on an earlier one of the same name stands on what that one stood on.
          if ingredients.remove(name) != nil {
            ingredients.formUnion(preamble.declared[name]?.ingredients ?? [])
          }
        }
        do throws(ExpansionError) {
          try globals.declare(assignment, escape: file.tree.escape)
        } catch {
          throw BuildProblem(.expansion(error), at: instruction.range, instruction: instruction.index)
        }
        preamble.declared[name] = Declared(
          argument: argument(name, globals.scope[name], instruction), ingredients: ingredients)
      }
    }
  }

  private func argument(_ name: [UInt8], _ value: [UInt8]?, _ instruction: Instruction)
    -> BuildOutline.Argument
  {
    BuildOutline.Argument(
      name: String(decoding: name, as: UTF8.self), value: String(decoding: value ?? [], as: UTF8.self),
      description: file.description(of: name, above: instruction), range: instruction.range)
  }

  /// The value of a word, and the variables in it that have one.
  private func expanded(
    _ word: Word, _ scope: VariableScope, _ instruction: Instruction
  ) throws(BuildProblem) -> (value: [UInt8], names: Set<[UInt8]>) {
    do throws(ExpansionError) {
      return try scope.expandNaming(word.bytes, escape: file.tree.escape)
    } catch {
      throw BuildProblem(.expansion(error), at: word.range, instruction: instruction.index)
    }
  }

  /// Reads a stage after those that it needs. Stages need earlier ones only, so this ends.
  private mutating func read(_ number: Int) throws(BuildProblem) {
    var open = [number]
    // Stages are read from the first needed one on; their number is a bound for the depth.
    var needed: Set = [number]
    while let next = open.popLast() {
      for other in try references(of: file.stages[next]) where needed.insert(other).inserted {
        open.append(other)
      }
    }
    for number in needed.sorted() { stages[number] = try stage(file.stages[number]) }
  }

  /// The earlier stages that a stage starts from or takes files from.
  private func references(of stage: Dockerfile.Stage) throws(BuildProblem) -> [Int] {
    var found: [Int] = []
    let from = file.instructions[stage.start]
    if let image = stage.from.image {
      let name = try expanded(image, globals.scope, from).value
      if let other = earlier(String(decoding: name, as: UTF8.self), than: stage) { found.append(other) }
    }
    for instruction in file.instructions[stage.body] {
      switch instruction.details {
      case .copy, .add:
        if let name = instruction.flag("from")?.value?.string, let other = earlier(name, than: stage) {
          found.append(other)
        }
      case .run(let run):
        for mount in run.mounts {
          guard let name = mount.value("from") else { continue }
          if let other = earlier(String(decoding: name, as: UTF8.self), than: stage) { found.append(other) }
        }
      default: continue
      }
    }
    return found
  }

  private func earlier(_ name: String, than stage: Dockerfile.Stage) -> Int? {
    let earlier = file.stages[..<stage.number]
    if let match = earlier.last(where: { $0.name == name.lowercased() }) { return match.number }
    return Int(name).flatMap { earlier.indices.contains($0) ? $0 : nil }
  }

  private func stage(_ stage: Dockerfile.Stage) throws(BuildProblem) -> Stage {
    let from = file.instructions[stage.start]
    var scope = preamble
    var used: Set<[UInt8]> = []
    for word in [stage.from.image, stage.from.platform].compactMap(\.self) {
      used.formUnion(try expanded(word, globals.scope, from).names)
    }
    let references = try references(of: stage)
    if let image = stage.from.image {
      let name = try expanded(image, globals.scope, from).value
      if let base = earlier(String(decoding: name, as: UTF8.self), than: stage), let parent = stages[base] {
        scope = parent.scope
      }
    }
    scope.used.formUnion(used)
    var result = Stage(scope: scope, dependencies: references)
    for instruction in file.instructions[stage.body] { try read(instruction, &result) }
    return result
  }

  private func read(_ instruction: Instruction, _ stage: inout Stage) throws(BuildProblem) {
    switch instruction.details {
    case .arg(let assignments):
      for assignment in assignments { try declare(assignment, instruction, &stage.scope) }
    case .env(let assignments):
      for assignment in assignments {
        guard let word = assignment.value else { continue }
        let value = try expanded(word, stage.scope.variables, instruction).value
        stage.scope.variables.set(assignment.name.bytes, value)
      }
    case .run(let run):
      for mount in run.mounts { try grant(mount, instruction, &stage) }
    default: return
    }
  }

  private func declare(
    _ assignment: Assignment, _ instruction: Instruction, _ scope: inout Scope
  ) throws(BuildProblem) {
    let name = assignment.name.bytes
    scope.used.insert(name)
    if let value = globals.given[name] {
      scope.variables.declare(name, value)
    } else if let word = assignment.value {
      scope.variables.declare(name, try expanded(word, scope.variables, instruction).value)
    } else if let value = globals.scope[name] {
      // The ARG before the first FROM is the one to speak of.
      return scope.variables.declare(name, value)
    }
    scope.declared[name] = Declared(argument: argument(name, scope.variables[name], instruction))
  }

  private func grant(
    _ specification: MountSpecification, _ instruction: Instruction, _ stage: inout Stage
  ) throws(BuildProblem) {
    let variables = stage.scope.variables
    let mount: Mount
    do {
      mount = try specification.mount { (value: [UInt8]) throws(ExpansionError) -> [UInt8] in
        try variables.expand(value, escape: file.tree.escape)
      }
    } catch let error as ExpansionError {
      throw BuildProblem(.expansion(error), at: specification.range, instruction: instruction.index)
    } catch let error as MountError {
      throw BuildProblem(.mount(error), at: specification.range, instruction: instruction.index)
    } catch {
      return
    }
    func grant(_ id: [UInt8]) -> BuildOutline.Grant {
      BuildOutline.Grant(
        id: String(decoding: id, as: UTF8.self), isRequired: mount.isRequired, range: instruction.range)
    }
    switch mount.kind {
    case .secret:
      let id = mount.id ?? mount.source ?? Array(mount.target?.split(separator: 0x2F).last ?? [])
      if stage.secrets[id] == nil { stage.secrets[id] = grant(id) }
    case .ssh:
      let id = mount.id ?? Array("default".utf8)
      if stage.agents[id] == nil { stage.agents[id] = grant(id) }
    case .bind, .cache, .tmpfs: return
    }
  }
}
