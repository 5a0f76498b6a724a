import SourceText

extension ShellParser {
  /// Commands up to something that cannot start one; there may be none.
  mutating func list() -> ShellList {
    skipLines()
    let start = index
    var statements: [ShellStatement] = []
    while var statement = statement() {
      statement.terminator = separator()
      statements.append(statement)
      if statement.terminator == .none { break }
    }
    let range = statements.reduce(self.range(start, start)) { $0.union($1.range) }
    return ShellList(range: range, statements: statements)
  }

  /// Commands of which there has to be at least one.
  mutating func requiredList() -> ShellList {
    let list = list()
    if list.statements.isEmpty { fail(.missingCommand) }
    return list
  }

  /// Pipelines joined by `&&` and `||`; nil when no command starts here.
  private mutating func statement() -> ShellStatement? {
    while isAtDirective {
      take(.comment, to: lineEnd(from: index))
      skipLines()
    }
    let start = index
    guard let first = pipeline() else { return nil }
    var statement = ShellStatement(range: first.range, pipelines: [first], connectors: [], terminator: .none)
    while isAt("&&") || isAt("||") {
      let connector = (peek() == 0x26 ? ShellStatement.Connector.and : .or, range(index, index + 2))
      take(.operator, count: 2)
      skipLines()
      guard let next = pipeline() else {
        fail(.missingCommand)
        break
      }
      statement.connectors.append((kind: connector.0, range: connector.1))
      statement.pipelines.append(next)
    }
    statement.range = statement.pipelines.reduce(range(start, start)) { $0.union($1.range) }
    return statement
  }

  /// What ends a statement, with the line ends behind it.
  private mutating func separator() -> ShellStatement.Terminator {
    switch peek() {
    case 0x3B where peek(1) != 0x3B && peek(1) != 0x26:
      take(.operator, count: 1)
      skipLines()
      return .semicolon
    case 0x26 where peek(1) != 0x26 && peek(1) != 0x3E:
      take(.operator, count: 1)
      skipBlanks()
      // `a &; b` is no shell, but no parser of ours is the first to say so.
      if peek() == 0x3B, peek(1) != 0x3B { take(.operator, count: 1) }
      skipLines()
      return .background
    default:
      guard isAtLineEnd else { return .none }
      skipLines()
      return .newline
    }
  }

  /// Commands joined by pipes; nil when no command starts here.
  mutating func pipeline() -> ShellPipeline? {
    guard !isAtEnd, !isAtClosingWord else { return nil }
    let start = index
    var negations = 0
    takeNegations(&negations)
    guard let first = command() else {
      if negations > 0 { fail(.missingCommand) }
      return nil
    }
    var pipeline = ShellPipeline(
      range: range(start, start).union(first.range), negations: negations, commands: [first], pipes: [])
    while peek() == 0x7C, peek(1) != 0x7C {
      let width = peek(1) == 0x26 ? 2 : 1
      pipeline.pipes.append(range(index, index + width))
      take(.operator, count: width)
      skipLines()
      takeNegations(&negations)
      guard let next = command() else {
        fail(.missingCommand)
        break
      }
      pipeline.commands.append(next)
      pipeline.range = pipeline.range.union(next.range)
    }
    skipBlanks()
    return pipeline
  }

  private mutating func takeNegations(_ count: inout Int) {
    while peek() == 0x21 {
      take(.reserved, count: 1)
      skipBlanks()
      count += 1
    }
  }

  /// Whether something stands here that ends a list and starts no command.
  private var isAtClosingWord: Bool {
    switch peek() {
    case 0x7D, 0x29: true
    case 0x3B: peek(1) == 0x3B
    case 0x74: isAtWord("then")
    case 0x65: isAtWord("else") || isAtWord("elif") || isAtWord("esac")
    case 0x66: isAtWord("fi")
    case 0x64: isAtWord("do") || isAtWord("done")
    default: false
    }
  }

  /// Whether a reserved word stands here.
  func isAtWord(_ word: StaticString) -> Bool {
    guard isAt(word) else { return false }
    let next = index + word.utf8CodeUnitCount
    guard next < end else { return true }
    switch bytes[next] {
    case 0x20, 0x09, 0x3B, 0x28, 0x29, 0x5B, 0x3C, 0x3E, 0x26, 0x7C: return true
    case 0x5C: return byte(next + 1) == 0x0A
    default: return isLineEnd(next) || acceptsWideBlanks && wideBlank(next) > 0
    }
  }

  /// Takes a reserved word, with the blanks behind it.
  mutating func takeWord(_ word: StaticString) -> Bool {
    guard isAtWord(word) else { return false }
    take(.reserved, count: word.utf8CodeUnitCount)
    skipBlanks()
    return true
  }

  /// Takes a reserved word that has to be there.
  mutating func expectWord(_ word: StaticString) -> Bool {
    if takeWord(word) { return true }
    fail(.missingWord(word.description))
    return false
  }

  // MARK: Commands

  /// A command; nil when none starts here.
  mutating func command() -> ShellCommandNode? {
    let start = index
    guard enter() else {
      leave()
      return nil
    }
    defer { leave() }
    let kind: ShellCommandNode.Kind?
    switch peek() {
    case 0x7B: kind = .group(group())
    case 0x28: kind = parenthesis()
    case 0x5B: kind = .test(test())
    case 0x77 where isAtWord("while"): kind = loop(isUntil: false)
    case 0x75 where isAtWord("until"): kind = loop(isUntil: true)
    case 0x69 where isAtWord("if"): kind = conditional()
    case 0x66 where isAtWord("for"): kind = iteration(isSelect: false)
    case 0x73 where isAtWord("select"): kind = iteration(isSelect: true)
    case 0x63 where isAtWord("case"): kind = selection()
    case 0x63 where isAt("coproc") && (byte(index + 6) == 0x20 || byte(index + 6) == 0x09):
      kind = coprocess()
    default: kind = function()
    }
    guard let kind else { return simpleCommand() }
    let end = index
    skipBlanks()
    var node = ShellCommandNode(range: range(start, end), kind: kind, redirections: [])
    while let redirection = redirection() {
      node.redirections.append(redirection)
      node.range = node.range.union(redirection.range)
      skipBlanks()
    }
    return node
  }

  /// `{ …; }`
  mutating func group() -> ShellList {
    let start = index
    take(.reserved, count: 1)
    skipLines()
    let list = requiredList()
    if peek() == 0x7D {
      take(.reserved, count: 1)
    } else {
      fail(.unclosedGroup, from: start)
    }
    return list
  }

  /// `(( … ))`, or `( … )`.
  private mutating func parenthesis() -> ShellCommandNode.Kind {
    if peek(1) == 0x28, let expression = attemptArithmetic(openedBy: 2) { return .arithmetic(expression) }
    return .subshell(subshell())
  }

  /// `( … )`
  mutating func subshell() -> ShellList {
    let start = index
    take(.operator, count: 1)
    let list = requiredList()
    skipLines()
    if peek() == 0x29 {
      take(.operator, count: 1)
    } else {
      fail(.unclosedGroup, from: start)
    }
    return list
  }
}
