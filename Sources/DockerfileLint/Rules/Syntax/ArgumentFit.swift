import DockerfileSyntax
import SourceText

/// How well the arguments of an instruction go with its keyword, and with which other keywords they would go well.
///
/// Both rules on misplaced arguments judge by this: ``SwappedArguments`` joins two misfits that belong to each other,
/// ``WrongKindOfArgument`` reports the ones that stay alone.
struct ArgumentFit {
  /// The verdict on the arguments.
  enum Verdict {
    /// They can be meant.
    case fits
    /// They can be built, but look like another instruction's.
    case doubtful
    /// They cannot be built, or nothing can run with them.
    case wrong
  }

  /// The instruction.
  let instruction: Instruction
  /// The arguments' place, from the first to the last.
  let range: ByteRange
  let shapes: [ArgumentShape]
  let verdict: Verdict

  /// The instructions that are looked at.
  static let kinds: [InstructionKind] = [.add, .copy, .env, .expose, .user, .volume, .workdir]

  /// Looks at an instruction; nil when the arguments fit, and when it has flags or here-documents, no arguments, or none
  /// that could be judged.
  init?(_ instruction: Instruction, hasProblem: Bool) {
    guard instruction.flags.isEmpty, instruction.heredocs.isEmpty, instruction.syntax.form != .exec else {
      return nil
    }
    if Self.isPlain(instruction) { return nil }
    let words: [Word]
    switch instruction.details {
    case .copy(let transfer), .add(let transfer):
      // Nothing but ports is no path, and a port starts with a digit.
      guard let first = transfer.firstPath ?? transfer.destination, first.bytes.first?.isASCIIDigit ?? false
      else { return nil }
      words = transfer.paths + [transfer.destination].compactMap(\.self)
    case .expose(let list), .volume(let list): words = list
    case .user(let word?), .workdir(let word?):
      words = word.bytes.split(whereSeparator: \.isASCIISpace).count == 1 ? [word] : []
    case .env(let assignments):
      guard assignments.count == 1, assignments[0].isLegacy else { return nil }
      words = [assignments[0].name] + [assignments[0].value].compactMap(\.self)
    default: return nil
    }
    guard let first = words.first, let last = words.last else { return nil }
    let shapes = words.map { ArgumentShape($0) }
    let verdict = Self.verdict(instruction.kind, shapes, hasProblem: hasProblem)
    guard verdict != .fits else { return nil }
    self.instruction = instruction
    self.shapes = shapes
    self.verdict = verdict
    range = first.range.union(last.range)
  }

  /// Whether the arguments fit at first sight, as nearly all do.
  private static func isPlain(_ instruction: Instruction) -> Bool {
    switch instruction.details {
    // Nothing but a path starts with a slash.
    case .workdir(let word?): word.bytes.first == 0x2F
    case .volume(let list): list.contains { $0.bytes.first == 0x2F }
    // Neither paths nor ports start with a letter.
    case .env(let assignments): assignments.first?.name.bytes.first?.isASCIILetter ?? false
    case .user(let word?): (word.bytes.first?.isASCIILetter ?? false) && !word.bytes.contains(0x2F)
    case .expose(let list): list.allSatisfy { ArgumentShape.isPortNumber($0.bytes) }
    default: false
    }
  }

  private static func verdict(_ kind: InstructionKind, _ shapes: [ArgumentShape], hasProblem: Bool) -> Verdict
  {
    switch kind {
    case .expose:
      return shapes.allSatisfy { $0.isPort || $0 == .opaque || $0 == .numeric } ? .fits : .wrong
    case .copy, .add:
      guard shapes.allSatisfy(\.isPort) else { return .fits }
      return shapes.count == 1 ? .wrong : .doubtful
    case .workdir:
      return shapes[0].isPort || shapes[0] == .assignment ? .doubtful : .fits
    case .user:
      // Names of users and groups have no slash, so nothing can run as this user.
      return shapes[0].isFolder || shapes[0] == .port(hasProtocol: true) ? .wrong : .fits
    case .volume:
      return shapes.allSatisfy { $0.isPort || $0 == .assignment } ? .doubtful : .fits
    case .env:
      guard shapes[0] == .path || shapes[0].isPort else { return .fits }
      return hasProblem ? .wrong : .doubtful
    default:
      return .fits
    }
  }

  /// Whether the arguments go well with another keyword: that is what they look like, not only what it would take.
  func suits(_ kind: InstructionKind) -> Bool {
    guard kind != instruction.kind else { return false }
    switch kind {
    case .expose: return shapes.allSatisfy(\.isPort)
    case .copy, .add: return shapes.count > 1 && shapes.allSatisfy(\.isAnyPath) && shapes.contains(.path)
    case .workdir: return shapes.count == 1 && shapes[0].isFolder
    case .user: return shapes == [.name]
    case .volume: return shapes.allSatisfy { $0 == .path }
    case .env: return shapes.allSatisfy { $0 == .assignment }
    default: return false
    }
  }

  /// What the arguments are, as a clause; nil when that cannot be told.
  var clause: String? {
    let one = shapes.count == 1
    if shapes.allSatisfy(\.isPort) { return one ? "this is a port number" : "these are port numbers" }
    if shapes.allSatisfy(\.isAnyPath) { return one ? "this is a path" : "these are paths" }
    if shapes.allSatisfy({ $0 == .assignment }) {
      return one ? "this is a variable with its value" : "these are variables with values"
    }
    if shapes == [.name] { return "this is a name" }
    return nil
  }
}

extension InstructionKind {
  /// What the instruction takes, in words.
  var takes: String {
    switch self {
    case .copy, .add: "what to copy and where to"
    case .env: "a variable with its value"
    case .expose: "port numbers"
    case .user: "the name or number of a user"
    case .volume: "paths of folders in the image"
    case .workdir: "the path of a folder in the image"
    default: "other arguments"
    }
  }
}
