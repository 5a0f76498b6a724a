import DockerfileSyntax
import SourceText

/// What holds for the tree, the model and the words of any file at all.
///
/// The property tests and the fuzz target check the same list; each violation is a sentence.
struct TreeInvariants {
  private let source: Source
  private var violations: [String] = []

  /// Parses the bytes in every way and gives what is violated; nothing for a parser that works.
  static func violations(of bytes: [UInt8]) -> [String] {
    var check = TreeInvariants(source: Source(name: "Dockerfile", bytes: bytes))
    check.checkAll()
    return check.violations
  }

  private init(source: Source) { self.source = source }

  private mutating func checkAll() {
    let tree = SyntaxTree.parse(source)
    expect(tree.printed() == source.bytes, "the printed tree is not the file")
    checkTokens(tree)
    checkTree(tree)
    _ = try? tree.sExpression()
    let file = Dockerfile(tree)
    checkModel(file)
    for instruction in file.instructions { checkWords(of: instruction, escape: tree.escape) }
  }

  private mutating func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
    if !condition, violations.count < 20 { violations.append(violation()) }
  }

  private func isInside(_ range: ByteRange) -> Bool {
    range.lower <= range.upper && Int(range.upper) <= source.bytes.count
  }

  // MARK: Tokens

  private mutating func checkTokens(_ tree: SyntaxTree) {
    expect(tree.tokens.isEmpty == source.bytes.isEmpty, "tokens and bytes are not there together")
    expect(tree.tokens.first?.start ?? 0 == 0, "the first token does not start at 0")
    var previous = -1
    for token in tree.tokens {
      expect(Int(token.start) > previous, "token at \(token.start) does not start behind the one before")
      previous = Int(token.start)
    }
    expect(previous < source.bytes.count, "a token starts behind the file")
  }

  // MARK: Nodes

  private mutating func checkTree(_ tree: SyntaxTree) {
    var end: UInt32 = 0
    for directive in tree.directives {
      expect(isInside(directive.range) && directive.range.contains(directive.value), "directive \(directive)")
      expect(directive.range.lower >= end, "directives overlap")
      end = directive.range.upper
    }
    var tokenEnd = 0
    for node in tree.instructions {
      expect(node.range.lower >= end, "instruction at \(node.range.lower) overlaps the one before")
      end = node.range.upper
      expect(node.tokens.indices.lowerBound >= tokenEnd, "tokens of two instructions overlap")
      tokenEnd = node.tokens.indices.upperBound
      checkNode(node, tree, within: ByteRange(0, source.bytes.count))
    }
    for error in tree.errors {
      expect(isInside(error.range), "error \(error.kind) outside the file")
      expect(Int(error.instruction) < tree.instructions.count, "error of an instruction that is not there")
    }
  }

  private mutating func checkNode(_ node: InstructionSyntax, _ tree: SyntaxTree, within parent: ByteRange) {
    expect(isInside(node.range) && parent.contains(node.range), "\(node.range) outside its parent \(parent)")
    expect(node.range.contains(node.line), "line outside the instruction at \(node.range)")
    expect(node.line.contains(node.keyword), "keyword outside the line at \(node.range)")
    expect(
      node.range.lower == node.keyword.lower, "instruction at \(node.range) does not start with its keyword")
    expect(node.tokens.indices.upperBound <= tree.tokens.count, "tokens behind the last")
    for index in node.leadingComments.indices {
      expect(tree.tokens[index].kind.isTrivia, "leading comment \(index) is no trivia")
    }
    if !node.keyword.isEmpty, let index = tree.tokenIndex(at: node.keyword.lower) {
      let token = tree.tokens[index]
      expect(
        token.start == node.keyword.lower && token.kind == .keyword, "no keyword token at \(token.start)")
    }
    var end = node.keyword.upper
    for flag in tree.flags(of: node) {
      expect(node.line.contains(flag.range) && flag.range.lower >= end, "flag at \(flag.range)")
      end = flag.range.upper
    }
    for argument in tree.arguments(of: node) {
      expect(node.line.contains(argument.range), "argument \(argument.range) outside \(node.line)")
      expect(argument.range.lower >= end, "argument \(argument.range) overlaps the one before")
      end = argument.range.upper
      if argument.isContiguous {
        expect(
          tree.cooked(argument.range) == Array(source.bytes(in: argument.range)), "cooked \(argument.range)")
      }
    }
    if node.isContiguous {
      expect(tree.cooked(node.line) == Array(source.bytes(in: node.line)), "cooked line \(node.line)")
    }
    end = node.line.upper
    for heredoc in tree.heredocs(of: node) {
      expect(
        isInside(heredoc.range) && heredoc.range.lower >= node.keyword.upper, "operator \(heredoc.range)")
      expect(heredoc.body.lower >= end && isInside(heredoc.body), "body \(heredoc.body) out of order")
      expect(heredoc.range.upper <= heredoc.body.lower, "body \(heredoc.body) before its operator")
      expect(heredoc.terminator.lower >= heredoc.body.upper, "terminator before its body")
      end = max(heredoc.body.upper, heredoc.terminator.upper)
      expect(node.range.contains(heredoc.body), "body \(heredoc.body) outside \(node.range)")
    }
    if let trigger = tree.trigger(of: node) { checkNode(trigger, tree, within: node.range) }
  }

  // MARK: Model

  private mutating func checkModel(_ file: Dockerfile) {
    expect(file.instructions.count == file.tree.instructions.count, "instructions lost")
    var previous: UInt32 = 0
    for problem in file.problems {
      expect(isInside(problem.range), "problem \(problem.kind) outside the file")
      expect(problem.range.lower >= previous, "problems are not in the order of the file")
      previous = problem.range.lower
    }
    var next = file.preamble.upperBound
    for stage in file.stages {
      expect(stage.start == next && stage.body.lowerBound == next + 1, "stage \(stage.number) has gaps")
      next = stage.body.upperBound
    }
    expect(next == file.instructions.count, "the stages do not hold all instructions")
    expect(!file.problems.isEmpty || !file.stages.isEmpty, "no stage and no problem")
  }

  private mutating func checkWords(of instruction: Instruction, escape: UInt8) {
    for flag in instruction.flags {
      expect(flag.range.contains(flag.nameRange), "flag name outside its flag")
      if let value = flag.value { checkWord(value, escape: escape) }
    }
    if case .run(let run) = instruction.details {
      for mount in run.mounts { _ = try? mount.mount { $0 } }
    }
    if case .onbuild(let inner?) = instruction.details { checkWords(of: inner, escape: escape) }
    for word in instruction.details.words { checkWord(word, escape: escape) }
  }

  private mutating func checkWord(_ word: Word, escape: UInt8) {
    expect(isInside(word.range), "word \(word.range) outside the file")
    if word.isVerbatim {
      expect(Array(source.bytes(in: word.range)) == word.bytes, "word \(word.range) is not verbatim")
    }
    for processesQuotes in [true, false] {
      let options = WordTemplate.Options(escape: escape, processesQuotes: processesQuotes)
      for variable in WordTemplate(word.bytes, options: options).variables {
        expect(word.bytes.indices.contains(variable.indices.lowerBound), "variable starts outside its word")
        expect(variable.indices.upperBound <= word.bytes.count, "variable ends outside its word")
        expect(word.bytes[variable.indices.lowerBound] == 0x24, "variable without dollar")
      }
      let expander = Expander(escape: escape, processesQuotes: processesQuotes) { name in
        name.first.map { $0 & 1 == 0 } == true ? Array("a b*/?c\u{e9}".utf8) : nil
      }
      _ = try? expander.expand(word.bytes)
      _ = try? expander.words(word.bytes)
    }
  }
}

extension Instruction.Details {
  /// All words of an instruction, ONBUILD's inner one left out.
  var words: [Word] {
    switch self {
    case .from(let from): [from.image, from.asKeyword, from.name].compactMap(\.self)
    case .run(let run): run.command.words
    case .cmd(let command), .entrypoint(let command), .shell(let command): command.words
    case .copy(let transfer), .add(let transfer): transfer.paths + [transfer.destination].compactMap(\.self)
    case .env(let list), .label(let list), .arg(let list):
      list.flatMap { [$0.name, $0.value].compactMap(\.self) }
    case .expose(let words), .volume(let words), .unknown(let words): words
    case .user(let word), .workdir(let word), .stopsignal(let word), .maintainer(let word):
      [word].compactMap(\.self)
    case .healthcheck(let check): [check.type].compactMap(\.self) + check.command.words
    case .onbuild: []
    }
  }
}
