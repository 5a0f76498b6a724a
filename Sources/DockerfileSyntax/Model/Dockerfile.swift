public import SourceText

/// What a Dockerfile means: its instructions by name, its stages, and all that keeps it from being built.
public struct Dockerfile: Sendable {
  /// What is written.
  public let tree: SyntaxTree
  /// The instructions, one for each of the tree's.
  public let instructions: [Instruction]
  /// The stages, in order.
  public let stages: [Stage]
  /// The indices of the instructions before the first FROM.
  public let preamble: Range<Int>
  /// What keeps the file from being built, in the order of the file.
  public let problems: [Problem]
  /// The last stage of each name.
  private let stageNumbers: [String: Int]

  /// A build stage: a FROM and the instructions up to the next.
  public struct Stage: Sendable {
    /// The stage's number, from 0.
    public let number: Int
    /// The FROM.
    public let from: From
    /// The index of the FROM.
    public let start: Int
    /// The indices of the instructions behind the FROM.
    public let body: Range<Int>
    /// The name in small letters; nil without one.
    public let name: String?
  }

  /// The file.
  public var source: Source { tree.source }

  /// Parses and reads a file. It never fails: what is wrong stands in ``problems``.
  public init(parsing source: Source) {
    self.init(SyntaxTree.parse(source))
  }

  /// Reads a parsed file.
  public init(_ tree: SyntaxTree) {
    var interpreter = Interpreter(tree)
    self.tree = tree
    instructions = tree.instructions.enumerated().map { interpreter.instruction($1, index: $0) }
    var starts: [Int] = []
    for index in instructions.indices where instructions[index].kind == .from { starts.append(index) }
    preamble = 0..<(starts.first ?? instructions.count)
    stages = starts.enumerated().map { [instructions] number, start in
      let end = number + 1 < starts.count ? starts[number + 1] : instructions.count
      guard case .from(let from) = instructions[start].details else {
        return Stage(
          number: number, from: From(image: nil, asKeyword: nil, name: nil, platform: nil), start: start,
          body: start + 1..<end, name: nil)
      }
      return Stage(
        number: number, from: from, start: start, body: start + 1..<end, name: from.name?.string.lowercased())
    }
    var stageNumbers: [String: Int] = [:]
    for stage in stages { if let name = stage.name { stageNumbers[name] = stage.number } }
    self.stageNumbers = stageNumbers
    var problems = interpreter.problems
    for instruction in instructions[preamble] where instruction.kind != .arg && instruction.kind != .unknown {
      problems.append(
        Problem(
          kind: .beforeFrom, range: instruction.syntax.keyword, instruction: instruction.index,
          isInTrigger: false))
    }
    if stages.isEmpty, let last = instructions.last, problems.isEmpty {
      problems.append(Problem(kind: .noStage, range: last.range, instruction: last.index, isInTrigger: false))
    }
    self.problems = problems.enumerated().sorted { left, right in
      left.element.range != right.element.range
        ? left.element.range.lower < right.element.range.lower : left.offset < right.offset
    }.map(\.element)
  }

  /// The stage that an instruction belongs to; nil before the first FROM.
  public func stage(of instruction: Int) -> Stage? {
    var low = 0
    var high = stages.count
    while low < high {
      let middle = (low + high) / 2
      if stages[middle].start <= instruction { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? stages[low - 1] : nil
  }

  /// The stage that a name or number means, as `COPY --from` looks it up: the last of the name, letter case aside.
  public func stage(named name: String) -> Stage? {
    let lowercased = name.lowercased()
    if let number = stageNumbers[lowercased] { return stages[number] }
    guard let number = Int(name), stages.indices.contains(number) else { return nil }
    return stages[number]
  }
}
