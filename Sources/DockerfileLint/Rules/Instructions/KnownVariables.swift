import DockerfileSyntax

/// The values that ARG and ENV give to variables, as far as the file says.
///
/// An ARG can have another value in a build; what is said here is true of a build without arguments. Before the first
/// FROM the variables are the ones that FROM can use.
struct KnownVariables {
  private var globals: [[UInt8]: [UInt8]] = [:]
  private var values: [[UInt8]: [UInt8]] = [:]
  private var isInStage = false
  /// The indices of what has been seen and not looked at: few files ask.
  private var pending: [Int] = []
  /// Values grow when they are made of each other; longer ones count as unknown, and so do words that may be long.
  private static let maximumValueLength = 256
  private static let maximumWordLength = 1024

  /// Follows FROM, ARG and ENV.
  mutating func visit(_ instruction: Instruction) { pending.append(instruction.index) }

  private mutating func evaluate(_ details: Instruction.Details, _ context: LintContext) {
    switch details {
    case .onbuild(let trigger?): evaluate(trigger.details, context)
    case .from:
      isInStage = true
      values = [:]
    case .arg(let assignments):
      for assignment in assignments {
        let name = assignment.name.bytes
        // Without a value it takes the one from above the first FROM.
        set(name, assignment.value.map { value(of: $0.bytes, context) } ?? globals[name])
      }
    case .env(let assignments):
      // All values of one ENV see the variables as they were before it.
      let known = assignments.map { assignment in assignment.value.flatMap { value(of: $0.bytes, context) } }
      for (assignment, value) in zip(assignments, known) { set(assignment.name.bytes, value) }
    default: break
    }
  }

  private mutating func set(_ name: [UInt8], _ value: [UInt8]?) {
    let value = value.flatMap { $0.count <= Self.maximumValueLength ? $0 : nil }
    if isInStage { values[name] = value } else { globals[name] = value }
  }

  /// A word's text; nil when it has a variable whose value the file does not say.
  ///
  /// - Parameter ofFrom: whether it is an argument of FROM, which sees the variables above the first FROM only.
  mutating func expand(_ word: [UInt8], ofFrom: Bool = false, _ context: LintContext) -> [UInt8]? {
    for index in pending { evaluate(context.dockerfile.instructions[index].details, context) }
    pending = []
    return value(of: word, ofFrom: ofFrom, context)
  }

  private func value(of word: [UInt8], ofFrom: Bool = false, _ context: LintContext) -> [UInt8]? {
    let known = ofFrom || !isInStage ? globals : values
    let options = WordTemplate.Options(escape: context.tree.escape)
    guard word.count <= Self.maximumWordLength else { return nil }
    guard word.contains(0x24) else { return WordTemplate(word, options: options).literalText }
    for variable in WordTemplate(word, options: options).variables where known[variable.name] == nil {
      guard case .defaultValue = variable.modifier else { return nil }
    }
    let expander = Expander(escape: context.tree.escape) { known[$0] }
    do {
      return try expander.expand(word)
    } catch {
      // What cannot be expanded is the parser's matter; its value is not known.
      return nil
    }
  }
}

extension WordTemplate {
  /// The text of a word without variables.
  fileprivate var literalText: [UInt8] {
    parts.flatMap { part -> [UInt8] in
      if case .literal(let bytes, _) = part { bytes } else { [] }
    }
  }
}
