import DockerfileSyntax
import SourceText

/// The variables before each instruction.
///
/// Rules ask in the order of the file, so one walk answers all of them; a rule that goes back starts the walk again.
final class StageVariables {
  private let dockerfile: Dockerfile
  private let bases: StageBases
  private let imageFacts: (String) -> ImageFacts?
  /// What is known of images that have been looked up.
  private var known: [String: VariableValues] = [:]
  /// The variables at the end of each stage that the walk has left.
  private var ends: [VariableValues] = []
  private var current = VariableValues(isComplete: true)
  /// The instruction that `current` stands before.
  private var position: Int

  init(_ dockerfile: Dockerfile, _ bases: StageBases, imageFacts: @escaping (String) -> ImageFacts?) {
    self.dockerfile = dockerfile
    self.bases = bases
    self.imageFacts = imageFacts
    position = dockerfile.preamble.upperBound
  }

  /// The variables before the instruction of an index; the global ones before the first FROM.
  func before(_ index: Int) -> VariableValues {
    guard index > dockerfile.preamble.upperBound else { return bases.globals }
    if index < position {
      ends = []
      position = dockerfile.preamble.upperBound
    }
    while position < index {
      step(dockerfile.instructions[position])
      position += 1
    }
    return current
  }

  private func step(_ instruction: Instruction) {
    let escape = dockerfile.tree.escape
    switch instruction.details {
    case .from: start(instruction.index)
    case .env(let assignments): current.assign(assignments, escape: escape)
    case .arg(let arguments):
      for argument in arguments { declare(argument, in: &current) }
    default: break
    }
  }

  /// Takes an ARG of a stage in.
  func declare(_ argument: Assignment, in values: inout VariableValues) {
    let name = argument.name.bytes
    // A variable of the platform has a value, and it is the build's.
    let inherited = StageBases.predefinedNames.contains(name) ? .unknown : bases.globals.values[name]
    values.declare(argument, inherited: inherited, escape: dockerfile.tree.escape)
  }

  private func start(_ index: Int) {
    guard let stage = dockerfile.stage(of: index) else { return }
    if stage.number > 0 { ends.append(current) }
    switch bases.bases[stage.number] {
    case .scratch:
      current = VariableValues(isComplete: true)
      current.set(Array("PATH".utf8), .unknown)
    case .stage(let number): current = ends[number]
    case .image(let name): current = variables(of: name)
    case .unknown: current = VariableValues(isComplete: false)
    }
  }

  private func variables(of name: String) -> VariableValues {
    if let values = known[name] { return values }
    var values = VariableValues(isComplete: false)
    // On Windows names have no letter case, and the system has variables of its own.
    if let facts = imageFacts(name), !facts.platform.hasPrefix("windows") {
      values = VariableValues(isComplete: true)
      values.set(Array("PATH".utf8), .unknown)
      for (name, value) in facts.environment.sorted(by: { $0.key < $1.key }) {
        values.set(Array(name.utf8), .known(Array(value.utf8)))
      }
    }
    known[name] = values
    return values
  }
}
