import DockerfileSyntax
import Isolation
import OCIModel
import SourceText

/// Where the time of a build comes from.
enum EpochSource: Sendable {
  case seconds(Int64)
  /// The build's context.
  case context
  /// A named context: its place in ``BuildRequest/namedContexts``.
  case namedContext(Int)
  case addition(Addition)

  /// The ADD of a stage whose only file or repository is from elsewhere.
  struct Addition: Sendable {
    var operation: CopyOperation
    var range: ByteRange
    var instruction: Int
  }
}

/// What is wrong with `SOURCE_DATE_EPOCH`.
package enum EpochProblem: Hashable, Sendable {
  /// The value is no number, and names no context and no stage.
  case value(String)
  /// The stage does not start with an empty file system.
  case base
  /// The stage has an instruction other than ARG and ADD.
  case instruction
  case noAddition
  case severalAdditions
  /// The stage adds a file of the context.
  case localAddition
}

/// Reads `SOURCE_DATE_EPOCH`: of the build arguments, or else of the ARGs above the first FROM.
struct EpochReader {
  private let request: BuildRequest
  private let file: Dockerfile
  private let globals: GlobalArguments
  /// The ARG that has the value; nil for a build argument.
  private let place: (range: ByteRange, instruction: Int)?
  /// The value; empty without one.
  let text: String

  init(_ request: BuildRequest) throws(BuildError) {
    let file = Dockerfile(parsing: request.dockerfile)
    try file.refuseProblems()
    var globals = GlobalArguments(
      request, lastStage: file.stages.last?.name, host: .host, target: request.platform ?? .host)
    var place: (range: ByteRange, instruction: Int)?
    for instruction in file.instructions[file.preamble] {
      guard case .arg(let assignments) = instruction.details else { continue }
      for assignment in assignments {
        // What cannot be expanded is an error of the plan.
        guard (try? globals.declare(assignment, escape: file.tree.escape)) != nil else { continue }
        if assignment.name.bytes == BuildRequest.epochName, let value = assignment.value {
          place = (value.range, instruction.index)
        }
      }
    }
    let given = globals.given[BuildRequest.epochName]
    self.request = request
    self.file = file
    self.globals = globals
    self.place = given == nil ? place : nil
    text = String(decoding: given ?? globals.scope[BuildRequest.epochName] ?? [], as: UTF8.self)
  }

  /// Whether a build argument has the value.
  var isGiven: Bool { globals.given[BuildRequest.epochName] != nil }

  /// An error about the value, where it stands.
  func wrong(_ problem: EpochProblem) -> BuildError {
    guard let place else { return .epoch(text) }
    return .invalid([BuildProblem(.epoch(problem), at: place.range, instruction: place.instruction)])
  }

  /// What the value means; nil if it is empty.
  func source() throws(BuildError) -> EpochSource? {
    if text.isEmpty { return nil }
    if let seconds = Int64(text) { return .seconds(seconds) }
    if text == "context" { return .context }
    if let index = request.namedContexts.lastIndex(where: { $0.isNamed(text) }) {
      return .namedContext(index)
    }
    let name = text.lowercased()
    guard let stage = file.stages.first(where: { $0.name == name }) else { throw wrong(.value(text)) }
    return .addition(try addition(of: stage))
  }

  private func addition(of stage: Dockerfile.Stage) throws(BuildError) -> EpochSource.Addition {
    func problem(_ kind: EpochProblem, _ instruction: Instruction, at range: ByteRange? = nil) -> BuildError {
      .invalid([
        BuildProblem(.epoch(kind), at: range ?? instruction.range, instruction: instruction.index)
      ])
    }
    let from = file.instructions[stage.start]
    let base = stage.from.image
    // A base that cannot be expanded is an error of the plan, and in no case an empty file system.
    let name = base.flatMap { try? globals.scope.expand($0.bytes, escape: file.tree.escape) }
    guard let name, name.elementsEqual("scratch".utf8) else { throw problem(.base, from, at: base?.range) }
    // Here the ARGs above the first FROM need no declaration.
    var lowering = StageLowering(
      globals: globals, network: .none, created: "", references: [:], image: StageLowering.empty(.host),
      scope: globals.scope)
    var add: Instruction?
    for instruction in file.instructions[stage.body] {
      switch instruction.details {
      case .arg: break
      case .add where add == nil: add = instruction
      case .add: throw problem(.severalAdditions, instruction)
      default: throw problem(.instruction, instruction)
      }
      lowering.lower(instruction, of: file.tree, index: instruction.index)
    }
    guard lowering.problems.isEmpty else { throw .invalid(lowering.problems) }
    guard let add, case .copy(let operation)? = lowering.steps.first?.operation else {
      throw problem(.noAddition, from)
    }
    guard operation.sources.count == 1 else { throw problem(.severalAdditions, add) }
    guard operation.hasRemoteSources else { throw problem(.localAddition, add) }
    return EpochSource.Addition(operation: operation, range: add.range, instruction: add.index)
  }
}
