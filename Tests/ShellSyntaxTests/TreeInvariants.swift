import ShellSyntax
import SourceText

/// What holds for the tree of any text.
struct TreeInvariants {
  private let script: ShellScript
  private var violations: [String] = []

  /// What does not hold.
  static func violations(of text: [UInt8]) -> [String] {
    var invariants = TreeInvariants(script: ShellScript.parse(text))
    invariants.check(text)
    return invariants.violations
  }

  private init(script: ShellScript) { self.script = script }

  private mutating func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
    if !condition, violations.count < 20 { violations.append(violation()) }
  }

  private mutating func check(_ text: [UInt8]) {
    expect(script.printed() == text, "the printed tree is not the text")
    expect(script.tokens.first?.start ?? 0 == 0, "the first token does not start at 0")
    for (token, next) in zip(script.tokens, script.tokens.dropFirst()) {
      expect(token.start < next.start, "token at \(next.start) does not start behind the one before")
    }
    let all = ByteRange(0, text.count)
    list(script.list, in: all)
    for document in script.heredocs {
      expect(all.contains(document.body), "here-document \(document.body) outside the text")
      parts(document.parts, in: document.body)
    }
    for error in script.errors { expect(all.contains(error.range), "error \(error) outside the text") }
    if case .stopped(let offset) = script.verdict {
      expect(Int(offset) <= text.count, "stopped behind the text")
    }
    expect(script.errors.isEmpty ? script.verdict == .accepted : true, "a verdict without an error")
    var count = 0
    script.walk { _ in
      count += 1
      return true
    }
    expect(count <= 20 * text.count + 20, "more nodes than bytes: \(count)")
  }

  /// The ranges lie in their parent, one behind the other.
  private mutating func nested(_ ranges: [ByteRange], in parent: ByteRange, _ what: String) {
    var end = parent.lower
    for range in ranges {
      expect(parent.contains(range), "\(what) \(range) outside \(parent)")
      expect(range.lower >= end, "\(what) \(range) before \(end)")
      end = range.upper
    }
  }

  private mutating func list(_ list: ShellList, in parent: ByteRange) {
    expect(parent.contains(list.range) || list.statements.isEmpty, "list \(list.range) outside \(parent)")
    nested(list.statements.map(\.range), in: list.range, "statement")
    for statement in list.statements {
      nested(statement.pipelines.map(\.range), in: statement.range, "pipeline")
      nested(statement.connectors.map(\.range), in: statement.range, "connector")
      expect(statement.connectors.count == statement.pipelines.count - 1, "connectors")
      for pipeline in statement.pipelines { self.pipeline(pipeline) }
    }
  }

  private mutating func pipeline(_ pipeline: ShellPipeline) {
    nested(pipeline.commands.map(\.range), in: pipeline.range, "command")
    nested(pipeline.pipes, in: ByteRange(pipeline.range.lower, UInt32(script.text.count)), "pipe")
    for command in pipeline.commands { self.command(command) }
  }

  private mutating func command(_ node: ShellCommandNode) {
    nested(node.redirections.map(\.range), in: node.range, "redirection")
    for redirection in node.redirections {
      if let target = redirection.target { word(target, in: redirection.range) }
    }
    switch node.kind {
    case .simple(let simple):
      nested(simple.assignments.map(\.range) + simple.words.map(\.range), in: node.range, "word")
      for assignment in simple.assignments { self.assignment(assignment) }
      for argument in simple.words {
        switch argument {
        case .word(let word): self.word(word, in: node.range)
        case .assignment(let assignment): self.assignment(assignment)
        }
      }
    case .group(let list), .subshell(let list): self.list(list, in: node.range)
    case .conditional(let branches, let otherwise):
      for branch in branches {
        list(branch.condition, in: node.range)
        list(branch.body, in: node.range)
      }
      if let otherwise { list(otherwise, in: node.range) }
    case .loop(_, let condition, let body):
      list(condition, in: node.range)
      list(body, in: node.range)
    case .iteration(_, _, let name, let words, let body):
      nested([name] + (words ?? []).map(\.range), in: node.range, "word of a loop")
      for word in words ?? [] { self.word(word, in: node.range) }
      list(body, in: node.range)
    case .arithmeticLoop(let arithmetic, let body):
      parts(arithmetic.parts, in: arithmetic.range)
      list(body, in: node.range)
    case .selection(let subject, let items):
      if let subject { word(subject, in: node.range) }
      nested(items.map(\.range), in: node.range, "case item")
      for item in items {
        nested(item.patterns.map(\.range), in: item.range, "pattern")
        for pattern in item.patterns { word(pattern, in: item.range) }
        list(item.body, in: item.range)
      }
    case .function(_, let name, let body):
      nested([name] + [body?.range].compactMap(\.self), in: node.range, "function")
      if let body { command(body) }
    case .test(let test):
      for element in test.elements {
        switch element {
        case .word(let word): self.word(word, in: test.range)
        case .operator(_, let range): nested([range], in: test.range, "test operator")
        }
      }
    case .arithmetic(let arithmetic): parts(arithmetic.parts, in: arithmetic.range)
    case .timed(let keyword, let options, let pipeline):
      nested([keyword] + options.map(\.range) + [pipeline?.range].compactMap(\.self), in: node.range, "time")
      if let pipeline { self.pipeline(pipeline) }
    case .coprocess(let name, let body):
      nested([name?.range, body?.range].compactMap(\.self), in: node.range, "coproc")
      if let body { command(body) }
    }
  }

  private mutating func assignment(_ assignment: ShellAssignment) {
    nested([assignment.nameRange], in: assignment.range, "name")
    parts(assignment.index, in: assignment.range)
    value(assignment.value, in: assignment.range)
  }

  private mutating func value(_ value: ShellAssignment.Value, in range: ByteRange) {
    switch value {
    case .empty: break
    case .word(let word): self.word(word, in: range)
    case .array(let elements):
      for element in elements {
        parts(element.index, in: range)
        self.value(element.value, in: range)
      }
    }
  }

  private mutating func word(_ word: ShellWord, in parent: ByteRange) {
    expect(parent.contains(word.range), "word \(word.range) outside \(parent)")
    expect(!word.parts.isEmpty && !word.range.isEmpty, "empty word at \(word.range)")
    expect(
      word.parts.first?.range.lower == word.range.lower && word.parts.last?.range.upper == word.range.upper,
      "the parts do not fill the word at \(word.range)")
    for (part, next) in zip(word.parts, word.parts.dropFirst()) {
      expect(part.range.upper == next.range.lower, "gap in the word at \(word.range)")
    }
    parts(word.parts, in: word.range)
  }

  private mutating func parts(_ parts: [ShellWord.Part], in parent: ByteRange) {
    nested(parts.map(\.range), in: parent, "part")
    for part in parts {
      switch part.kind {
      case .literal, .singleQuoted, .ansiQuoted, .glob: break
      case .doubleQuoted(let inner, _), .extendedGlob(_, let inner), .braces(let inner):
        self.parts(inner, in: part.range)
      case .parameter(let parameter):
        self.parts((parameter.index ?? []) + parameter.argument, in: part.range)
      case .command(let list), .backquoted(let list, _), .braceCommand(let list), .process(let list, _):
        self.list(list, in: part.range)
      case .arithmetic(let arithmetic): self.parts(arithmetic.parts, in: part.range)
      }
    }
  }
}
