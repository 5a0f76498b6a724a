import SourceText

/// A piece of the tree, as a walk comes by it.
package enum ShellNode: Sendable {
  /// A pipeline.
  case pipeline(ShellPipeline)
  /// A command of any kind.
  case command(ShellCommandNode)
  /// A redirection.
  case redirection(ShellRedirection)
  /// An assignment.
  case assignment(ShellAssignment)
  /// A word.
  case word(ShellWord)
  /// A part of a word.
  case part(ShellWord.Part)
}

extension ShellScript {
  /// Visits every piece of the tree, each before what is in it; of a command first the redirections, then assignments and
  /// words. Here-documents belong to their redirections.
  ///
  /// - Parameter visit: returns whether to go into the piece.
  package func walk(_ visit: (ShellNode) -> Bool) {
    withoutActuallyEscaping(visit) { Walk(script: self, visit: $0).list(list) }
  }
}

private struct Walk {
  let script: ShellScript
  let visit: (ShellNode) -> Bool

  func list(_ list: ShellList) {
    for statement in list.statements {
      for pipeline in statement.pipelines { self.pipeline(pipeline) }
    }
  }

  func pipeline(_ pipeline: ShellPipeline) {
    guard visit(.pipeline(pipeline)) else { return }
    for command in pipeline.commands { self.command(command) }
  }

  func command(_ command: ShellCommandNode) {
    guard visit(.command(command)) else { return }
    for redirection in command.redirections {
      guard visit(.redirection(redirection)) else { continue }
      if let target = redirection.target, redirection.heredoc == nil { word(target) }
      if let heredoc = redirection.heredoc { parts(script.heredocs[heredoc].parts) }
    }
    switch command.kind {
    case .simple(let simple):
      for assignment in simple.assignments { self.assignment(assignment) }
      for argument in simple.words {
        switch argument {
        case .word(let word): self.word(word)
        case .assignment(let assignment): self.assignment(assignment)
        }
      }
    case .group(let list), .subshell(let list): self.list(list)
    case .conditional(let branches, let otherwise):
      for branch in branches {
        list(branch.condition)
        list(branch.body)
      }
      if let otherwise { list(otherwise) }
    case .loop(_, let condition, let body):
      list(condition)
      list(body)
    case .iteration(_, _, _, let words, let body):
      for word in words ?? [] { self.word(word) }
      list(body)
    case .arithmeticLoop(let arithmetic, let body):
      parts(arithmetic.parts)
      list(body)
    case .selection(let subject, let items):
      if let subject { word(subject) }
      for item in items {
        for pattern in item.patterns { word(pattern) }
        list(item.body)
      }
    case .function(_, _, let body):
      if let body { self.command(body) }
    case .test(let test):
      for case .word(let word) in test.elements { self.word(word) }
    case .arithmetic(let arithmetic): parts(arithmetic.parts)
    case .timed(_, let options, let pipeline):
      for option in options { word(option) }
      if let pipeline { self.pipeline(pipeline) }
    case .coprocess(let name, let body):
      if let name { word(name) }
      if let body { self.command(body) }
    }
  }

  func assignment(_ assignment: ShellAssignment) {
    guard visit(.assignment(assignment)) else { return }
    parts(assignment.index)
    value(assignment.value)
  }

  func value(_ value: ShellAssignment.Value) {
    switch value {
    case .empty: break
    case .word(let word): self.word(word)
    case .array(let elements):
      for element in elements {
        parts(element.index)
        self.value(element.value)
      }
    }
  }

  func word(_ word: ShellWord) {
    guard visit(.word(word)) else { return }
    parts(word.parts)
  }

  func parts(_ parts: [ShellWord.Part]) {
    for part in parts where visit(.part(part)) {
      switch part.kind {
      case .literal, .singleQuoted, .ansiQuoted, .glob: break
      case .doubleQuoted(let inner, _), .extendedGlob(_, let inner), .braces(let inner): self.parts(inner)
      case .parameter(let parameter):
        if let index = parameter.index { self.parts(index) }
        self.parts(parameter.argument)
      case .command(let list), .backquoted(let list, _), .braceCommand(let list), .process(let list, _):
        self.list(list)
      case .arithmetic(let arithmetic): self.parts(arithmetic.parts)
      }
    }
  }
}
