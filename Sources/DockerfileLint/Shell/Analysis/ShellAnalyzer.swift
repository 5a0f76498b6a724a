import DockerfileSyntax
import ShellSyntax
import SourceText

/// Looks for what ShellCheck would find in a script: one walk in the order in which a shell would run it.
///
/// What each code means is public; where and when it is given was measured with the program (0.9, and 0.11 inside of
/// hadolint 2.15.1).
struct ShellAnalyzer {
  let script: ShellScript
  /// Whether the script is for a shell that need not know more than POSIX asks for.
  let isPortable: Bool
  /// Whether that shell is dash, or the ash that is like it, which knows a little more.
  let isDash: Bool
  /// Variables that ARG, ENV or the build has set.
  let known: Set<String>
  var findings: [ShellFinding] = []
  var flow: ValueFlow
  var uses = VariableUses()
  /// Greater than zero while code is walked for its effect on variables alone.
  var silence = 0
  /// How many loops are around, of those that are walked twice.
  var loops = 0
  /// How many backticks are around; places in them are not those of the text's bytes.
  var backticks = 0
  /// Whether something around looks at the status: a condition, or `&&` or `||` behind.
  var isChecked = false
  /// Whether the command is part of a pipe, or its status is turned round.
  var isPiped = false
  /// Whether there is a `set -e` anywhere; looked for when it matters.
  lazy var stopsOnError = setsErrexit()
  /// Whether there is a single quote anywhere.
  let hasSingleQuotes: Bool
  /// Whether there is a byte anywhere that starts a typographic quote or a no-break space.
  let hasWideLetters: Bool
  /// A backslash before this place is no matter: it starts the name of a command.
  var plainFrom: UInt32 = 0
  /// Whether the words of a sed command are walked.
  var isSed = false
  /// Whether the words are sets of characters, or names of variables, so that brackets mean something else.
  var takesSets = false
  /// Whether the words are those of `:`, which is there to give variables their defaults.
  var setsDefaults = false
  /// Where a name begins that looks like an assignment: quotes are not what it lacks.
  var assignedFrom: UInt32?
  /// Variables that are arrays so far; some are from the start.
  var arrays = Self.bashArrays
  /// How many substitutions, or pipes behind it, take the output of the command.
  var captures = 0
  /// Whether the next pipeline is all that a substitution holds.
  var isAlone = false
  /// Functions that nothing has called yet, and those that have been walked, with what they set.
  var functions: [String: ShellCommandNode] = [:]
  var effects: [String: [String: ValueFlow.Value]] = [:]

  private static let bashArrays: Set<String> = [
    "BASH_ALIASES", "BASH_ARGC", "BASH_ARGV", "BASH_CMDS", "BASH_LINENO", "BASH_REMATCH", "BASH_SOURCE",
    "BASH_VERSINFO", "COMP_WORDS", "COPROC", "DIRSTACK", "FUNCNAME", "GROUPS", "MAPFILE", "PIPESTATUS",
  ]

  init(_ script: ShellScript, _ dialect: ShellDialect, known: Set<String>) {
    self.script = script
    self.known = known
    isDash = dialect == .dash || dialect == .busybox
    isPortable = dialect == .sh || isDash
    flow = ValueFlow(known: known)
    let text = script.text.span
    hasSingleQuotes = text.firstIndex(of: 0x27, from: 0, to: text.count) != nil
    hasWideLetters =
      text.firstIndex(of: 0xE2, from: 0, to: text.count) != nil
      || text.firstIndex(of: 0xC2, from: 0, to: text.count) != nil
  }

  /// What is found in a script, sorted by place, severity and code as ShellCheck does it.
  static func findings(in script: ShellScript, _ dialect: ShellDialect, known: Set<String>) -> [ShellFinding]
  {
    var analyzer = ShellAnalyzer(script, dialect, known: known)
    analyzer.list(script.list)
    for place in script.noBreakSpaces { analyzer.report(1018, ByteRange(place, place + 2)) }
    analyzer.finishFunctions()
    analyzer.reportUses()
    return analyzer.findings
  }

  // MARK: Reporting

  mutating func report(
    _ code: Int, _ range: ByteRange, _ subject: String = "", changes: [ShellFinding.Change] = [],
    isSafe: Bool = false
  ) {
    guard silence == 0 else { return }
    findings.append(
      ShellFinding(
        code: code, range: range, subject: subject, changes: backticks == 0 ? changes : [], isSafe: isSafe))
  }

  /// Reports what a POSIX shell need not know.
  mutating func reportBashism(_ code: Int, _ range: ByteRange, _ subject: String = "") {
    if isPortable { report(code, range, subject) }
  }

  // MARK: Lists

  mutating func list(_ list: ShellList) {
    checkSequence(list)
    let statements = list.statements.span
    for index in statements.indices { statement(statements[index]) }
  }

  /// A list whose status is looked at.
  mutating func condition(_ list: ShellList) {
    let outer = isChecked
    isChecked = true
    checkSequence(list)
    for statement in list.statements { self.statement(statement, isCondition: true) }
    isChecked = outer
  }

  private mutating func statement(_ statement: ShellStatement, isCondition: Bool = false) {
    if !isCondition { checkChoice(statement) }
    // The status of the last command is the status of the script.
    if !isCondition, statement.pipelines.count == 1, statement.range.upper < script.list.range.upper {
      checkNegation(statement.pipelines[0])
    }
    guard statement.terminator != .background else {
      flow.branch()
      run(statement)
      _ = flow.endBranch()
      return
    }
    run(statement)
  }

  /// Runs the pipelines. Those behind the first one may run or not, whatever came before: ShellCheck does not see that what
  /// stands left of `&&` has been done.
  private mutating func run(_ statement: ShellStatement) {
    let outer = isChecked
    let pipelines = statement.pipelines.span
    guard pipelines.count > 1 else {
      if !pipelines.isEmpty { pipeline(pipelines[0]) }
      return
    }
    let last = pipelines.count - 1
    isChecked = true
    pipeline(pipelines[0])
    for index in 1...last {
      isChecked = outer || index < last
      flow.branch()
      pipeline(pipelines[index])
      flow.merge(optional: flow.endBranch())
    }
    isChecked = outer
  }

  mutating func pipeline(_ pipeline: ShellPipeline) {
    checkPipes(pipeline)
    isPiped = pipeline.commands.count > 1 || pipeline.negations > 0
    let commands = pipeline.commands.span
    if commands.count == 1 {
      command(commands[0])
    } else {
      for index in commands.indices {
        let isCaptured = index < commands.count - 1
        flow.branch()
        isPiped = true
        if isCaptured { captures += 1 }
        command(commands[index])
        if isCaptured { captures -= 1 }
        _ = flow.endBranch()
      }
    }
  }

  /// Walks commands whose output goes into a word.
  mutating func substitution(_ list: ShellList) {
    captures += 1
    isAlone = list.statements.count == 1
    subshell(list)
    isAlone = false
    captures -= 1
  }

  /// Walks commands that run in a shell of their own.
  mutating func subshell(_ list: ShellList) {
    flow.branch()
    self.list(list)
    _ = flow.endBranch()
  }

  // MARK: Commands

  mutating func command(_ node: ShellCommandNode) {
    if case .simple = node.kind {} else { redirections(of: node) }
    switch node.kind {
    case .simple(let simple): self.simple(simple, node)
    case .group(let list): self.list(list)
    case .subshell(let list): subshell(list)
    case .conditional(let branches, let otherwise):
      var alternatives: [ValueFlow.Alternative] = []
      for branch in branches {
        condition(branch.condition)
        flow.branch()
        list(branch.body)
        alternatives.append(flow.endBranch())
      }
      flow.branch()
      if let otherwise { list(otherwise) }
      alternatives.append(flow.endBranch())
      flow.merge(alternatives)
    case .loop(_, let condition, let body):
      loop { analyzer in
        analyzer.condition(condition)
        analyzer.list(body)
      }
    case .iteration(let isSelect, let name, let nameRange, let words, let body):
      if isSelect { reportBashism(3008, ByteRange(node.range.lower, node.range.lower + 6)) }
      for word in words ?? [] { self.word(word, .loop) }
      checkLoopWords(words ?? [])
      // A loop over nothing says nothing of its variable.
      let isPlain =
        words.map { !$0.isEmpty && $0.allSatisfy { $0.isConstant && flow.value($0) == .plain } } ?? false
      uses.assign(name, ByteRange(node.range.lower, min(node.range.lower + 3, nameRange.upper)))
      loop { analyzer in
        analyzer.flow.set(name, isPlain ? .plain : .any)
        analyzer.list(body)
      }
    case .arithmeticLoop(let arithmetic, let body):
      reportBashism(3005, ByteRange(node.range.lower, node.range.lower + 3))
      self.arithmetic(arithmetic)
      loop { $0.list(body) }
    case .selection(let subject, let items): selection(subject, items)
    case .function(let name, _, let body):
      if script.text[Int(node.range.lower)...].starts(with: "function".utf8) {
        if isPortable { report(script.hasParentheses(node) ? 2112 : 2113, node.range) }
      }
      if !name.isVariableName { reportBashism(3033, node.range) }
      if let body { functions[name] = body }
    case .test(let test):
      if test.isDouble { reportBashism(3010, test.range) }
      self.test(test.isDouble, test.elements, test.range)
    case .arithmetic(let arithmetic):
      reportBashism(3006, ByteRange(node.range.lower, arithmetic.range.upper + 2))
      self.arithmetic(arithmetic)
    case .timed(_, let options, let pipeline):
      for option in options { word(option, .argument) }
      if let pipeline { self.pipeline(pipeline) }
    case .coprocess(_, let body):
      reportBashism(3032, node.range)
      if let body { command(body) }
    }
  }

  private mutating func selection(_ subject: ShellWord?, _ items: [ShellCaseItem]) {
    if let subject {
      word(subject, .free)
      if subject.isConstant { report(2194, subject.range) }
    }
    var alternatives: [ValueFlow.Alternative] = []
    var isComplete = false
    for item in items {
      for pattern in item.patterns {
        word(pattern, .free)
        if !pattern.hasGlob, pattern.parts.contains(where: { $0.isQuotable }) { report(2254, pattern.range) }
        if pattern.parts.count == 1, case .glob("*") = pattern.parts[0].kind { isComplete = true }
      }
      flow.branch()
      for statement in item.body.statements { self.statement(statement) }
      alternatives.append(flow.endBranch())
    }
    if !isComplete { alternatives.append(ValueFlow.Alternative()) }
    flow.merge(alternatives)
  }

  /// Walks a loop twice, so that its start sees what its end has set; first in silence.
  private mutating func loop(_ body: (inout ShellAnalyzer) -> Void) {
    if loops < 2 {
      loops += 1
      silence += 1
      flow.branch()
      body(&self)
      let alternative = flow.endBranch()
      silence -= 1
      flow.merge(optional: alternative)
      flow.branch()
      body(&self)
      flow.merge(optional: flow.endBranch())
      loops -= 1
    } else {
      flow.branch()
      body(&self)
      flow.merge(optional: flow.endBranch())
    }
  }

  // MARK: Functions

  /// A call: the first one walks the body.
  mutating func call(_ name: String) {
    if let body = functions[name] {
      functions[name] = nil
      effects[name] = [:]
      let mark = flow.mark
      let outer = isChecked
      command(body)
      isChecked = outer
      flow.revive()
      effects[name] = flow.changes(since: mark, limit: 64)
    } else if let effect = effects[name] {
      for (name, value) in effect { flow.set(name, value) }
    }
  }

  /// Walks the functions that nothing has called.
  private mutating func finishFunctions() {
    // One may define others, or call them.
    while !functions.isEmpty {
      for name in functions.keys.sorted() {
        guard let body = functions.removeValue(forKey: name) else { continue }
        flow.isUnreachable = true
        command(body)
      }
    }
  }

  // MARK: Redirections

  mutating func redirections(of node: ShellCommandNode) {
    for redirection in node.redirections { self.redirection(redirection) }
    checkRedirections(node)
  }

  private mutating func redirection(_ redirection: ShellRedirection) {
    if let heredoc = redirection.heredoc, heredoc < script.heredocs.count {
      parts(script.heredocs[heredoc].parts, isQuoted: true, .free)
      return
    }
    if let target = redirection.target { word(target, .argument) }
    redirectionBashisms(redirection)
  }
}

extension ShellScript {
  /// Whether a function that starts with the reserved word has parentheses too.
  fileprivate func hasParentheses(_ node: ShellCommandNode) -> Bool {
    for byte in text[Int(node.range.lower)..<Int(node.range.upper)] {
      if byte == 0x28 { return true }
      if byte == 0x7B { return false }
    }
    return false
  }
}
