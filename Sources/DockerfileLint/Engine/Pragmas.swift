import Diagnostics
import DockerfileSyntax
import SourceText

/// The pragmas of a file, with what each of them reaches and whether it was of use.
///
/// A line pragma reaches the next instruction, with blank lines and other comments between; several in a row add up. Inside
/// an instruction it reaches what is found in the next line of text. A stage pragma reaches the stage that it stands in, or
/// the one whose FROM it stands above. In strict mode all is as hadolint has it: the line below only, and a stage pragma
/// reaches no FROM.
struct Pragmas {
  private unowned let context: LintContext
  private var pragmas: [Placed] = []
  /// Line pragmas by the instruction that they reach.
  private var byInstruction: [Int: [Int]] = [:]
  /// Stage and global pragmas.
  private var wide: [Int] = []

  private struct Placed {
    let pragma: Pragma
    let line: Int
    /// The canonical ids of each name.
    let ids: [[String]]
    /// The instruction that a line pragma reaches.
    var instruction: Int?
    /// The lines that a line pragma inside an instruction reaches; nil for all of it.
    var innerLine: Int?
    /// The stage that a stage pragma reaches, and from which line on.
    var stage: Int?
    /// Whether each name has silenced something.
    var isUsed: [Bool]
  }

  /// Whether there are none.
  var isEmpty: Bool { pragmas.isEmpty }

  /// Finds the pragmas; cheap for a file without.
  init(_ context: LintContext) {
    self.context = context
    let tree = context.tree
    for index in tree.tokens.indices where tree.tokens[index].kind == .comment {
      guard let pragma = Pragma(tree.range(ofToken: index), in: tree.source) else { continue }
      guard !context.isStrict || pragma.isStrict else { continue }
      add(pragma, token: index)
    }
  }

  private mutating func add(_ pragma: Pragma, token: Int) {
    var placed = Placed(
      pragma: pragma, line: context.lines.line(of: pragma.range.lower),
      ids: pragma.names.map { Self.ids(of: $0.text) },
      isUsed: [Bool](repeating: false, count: pragma.names.count))
    let (surrounding, next) = neighbours(of: pragma.range.lower)
    switch pragma.kind {
    case .ignore:
      if let surrounding {
        // hadolint does not see comments inside instructions.
        guard !context.isStrict else { return }
        placed.instruction = surrounding
        placed.innerLine = nextLineOfText(after: token)
      } else if let next {
        let line = context.line(of: context.dockerfile.instructions[next])
        if !context.isStrict || line == placed.line + 1 { placed.instruction = next }
      }
      if let instruction = placed.instruction {
        byInstruction[instruction, default: []].append(pragmas.count)
      }
    case .stageIgnore:
      if context.isStrict {
        if surrounding != nil { return }
      } else if surrounding == nil, let next, context.dockerfile.instructions[next].kind == .from {
        placed.stage = context.dockerfile.stage(of: next)?.number
      } else {
        placed.stage =
          (surrounding ?? next.map { $0 - 1 }).flatMap { context.dockerfile.stage(of: $0)?.number }
          ?? context.dockerfile.stages.last?.number
      }
      wide.append(pragmas.count)
    case .globalIgnore: wide.append(pragmas.count)
    case .shell, nil: break
    }
    pragmas.append(placed)
  }

  /// The instruction that holds an offset, and the next one behind it.
  private func neighbours(of offset: UInt32) -> (surrounding: Int?, next: Int?) {
    let nodes = context.tree.instructions
    var low = 0
    var high = nodes.count
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].range.lower <= offset { low = middle + 1 } else { high = middle }
    }
    let surrounding = low > 0 && nodes[low - 1].range.upper > offset ? low - 1 : nil
    return (surrounding, low < nodes.count ? low : nil)
  }

  /// The line of the first token behind a comment that is neither blank nor a comment.
  private func nextLineOfText(after token: Int) -> Int? {
    let tokens = context.tree.tokens
    var index = token + 1
    while index < tokens.count, tokens[index].kind.isTrivia { index += 1 }
    return index < tokens.count ? context.lines.line(of: tokens[index].start) : nil
  }

  /// The ids that a name stands for; `all` stands for every id.
  private static func ids(of name: String) -> [String] {
    name.lowercased() == "all" ? ["*"] : RuleRegistry.canonicalIDs(for: name)
  }

  /// Whether a pragma silences a finding; it counts as used then.
  mutating func silences(_ entry: Findings.Entry) -> Bool {
    guard !pragmas.isEmpty else { return false }
    let id = entry.diagnostic.code.id
    // hadolint has no way to silence its parser.
    if context.isStrict, id == "DL1000" { return false }
    var isSilenced = false
    let line =
      context.isStrict
      ? entry.instruction.map { context.line(of: context.dockerfile.instructions[$0]) }
        ?? context.lines.line(of: entry.diagnostic.range.lower)
      : context.lines.line(of: entry.diagnostic.range.lower)
    if let instruction = entry.instruction {
      for index in byInstruction[instruction] ?? [] {
        if let reached = pragmas[index].innerLine, reached != line { continue }
        if use(index, id) { isSilenced = true }
      }
    }
    if context.isStrict {
      if let index = strictStagePragma(above: line), use(index, id) { isSilenced = true }
    }
    for index in wide {
      let placed = pragmas[index]
      if placed.pragma.kind == .stageIgnore {
        guard !context.isStrict, let stage = placed.stage, let instruction = entry.instruction,
          context.dockerfile.stage(of: instruction)?.number == stage
        else { continue }
        let start = context.dockerfile.stages[stage].start
        // In mid-stage it counts from there on.
        let isAbove = pragmas[index].pragma.range.lower < context.dockerfile.instructions[start].range.lower
        guard isAbove || entry.diagnostic.range.lower > placed.pragma.range.lower else { continue }
      }
      if use(index, id) { isSilenced = true }
    }
    return isSilenced
  }

  /// hadolint's stage pragma for a line: the last FROM or stage pragma before it decides.
  private func strictStagePragma(above line: Int) -> Int? {
    var best: (line: Int, pragma: Int?) = (0, nil)
    for stage in context.dockerfile.stages {
      let start = context.line(of: context.dockerfile.instructions[stage.start])
      if start < line, start > best.line { best = (start, nil) }
    }
    for index in wide where pragmas[index].pragma.kind == .stageIgnore {
      let start = pragmas[index].line + 1
      if start < line, start >= best.line { best = (start, index) }
    }
    return best.pragma
  }

  private mutating func use(_ pragma: Int, _ id: String) -> Bool {
    var isUsed = false
    for (index, ids) in pragmas[pragma].ids.enumerated() where ids.contains(id) || ids.first == "*" {
      pragmas[pragma].isUsed[index] = true
      isUsed = true
    }
    return isUsed
  }

  /// The shell that pragmas set, in the order of the file.
  var shells: [(offset: UInt32, shell: String)] {
    pragmas.compactMap { placed in
      if case .shell(let shell) = placed.pragma.kind { (placed.pragma.range.lower, shell) } else { nil }
    }
  }

  /// What is to say about the pragmas themselves, once all findings have been asked for.
  ///
  /// - Parameter isKnown: whether a finding of an id could have been made at all.
  func findings(isKnown: (String) -> Bool) -> [Diagnostic] {
    var result: [Diagnostic] = []
    for placed in pragmas {
      let pragma = placed.pragma
      if let fault = pragma.fault {
        result.append(MalformedPragma.diagnostic(fault, at: pragma.range))
        continue
      }
      for (index, name) in pragma.names.enumerated() {
        let ids = placed.ids[index]
        if ids.isEmpty {
          result.append(MalformedPragma.diagnostic(unknown: name))
        } else if !placed.isUsed[index], ids.contains("*") || ids.contains(where: isKnown),
          ids != [UnusedPragma.metadata.code.id]
        {
          result.append(UnusedPragma.diagnostic(pragma, unused: index, placed.isUsed, in: context))
        }
      }
      if pragma.kind != nil, !pragma.names.isEmpty, !pragma.hasReason {
        result.append(PragmaWithoutReason.diagnostic(pragma))
      }
    }
    return result
  }
}
