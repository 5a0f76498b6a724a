import ShellSyntax
import SourceText

// The walk to the commands of a script, in the order in which they stand. Most words are plain text with no command in it,
// so it is a walk of its own: ``ShellScript/walk(_:)`` shows every word to whoever asked for it.

extension CommandCollector {
  mutating func walk(_ list: ShellList, of script: ShellScript) {
    // Spans: a loop over an array would copy each element.
    let statements = list.statements.span
    for index in statements.indices {
      let pipelines = statements[index].pipelines.span
      for position in pipelines.indices { walk(pipelines[position], of: script) }
    }
  }

  private mutating func walk(_ pipeline: ShellPipeline, of script: ShellScript) {
    for pipe in pipeline.pipes where isSeen(pipe.lower) { foundPipes.append(pipe) }
    let commands = pipeline.commands.span
    for index in commands.indices { walk(commands[index], of: script) }
  }

  private func isSeen(_ place: UInt32) -> Bool { !unseen.contains { $0.contains(place) } }

  private mutating func walk(_ command: ShellCommandNode, of script: ShellScript) {
    guard isSeen(command.range.lower) else { return }
    find(command, of: script)
    // The here-document of a shell is read as a script.
    if looksThrough, let document = command.scriptDocument { ownDocuments.insert(document) }
    for redirection in command.redirections {
      guard let document = redirection.heredoc else {
        if let target = redirection.target { walk(target, of: script) }
        continue
      }
      if !ownDocuments.contains(document) { walk(script.heredocs[document].parts, of: script) }
    }
    switch command.kind {
    case .simple(let simple):
      for assignment in simple.assignments { walk(assignment, of: script) }
      let words = simple.words.span
      for index in words.indices {
        switch words[index] {
        case .word(let word): walk(word, of: script)
        case .assignment(let assignment): walk(assignment, of: script)
        }
      }
    case .group(let list), .subshell(let list): walk(list, of: script)
    case .conditional(let branches, let otherwise):
      for branch in branches {
        walk(branch.condition, of: script)
        walk(branch.body, of: script)
      }
      if let otherwise { walk(otherwise, of: script) }
    case .loop(_, let condition, let body):
      walk(condition, of: script)
      walk(body, of: script)
    case .iteration(_, _, _, let words, let body):
      for word in words ?? [] { walk(word, of: script) }
      walk(body, of: script)
    case .arithmeticLoop(let arithmetic, let body):
      walk(arithmetic.parts, of: script)
      walk(body, of: script)
    case .selection(let subject, let items):
      if let subject { walk(subject, of: script) }
      for item in items {
        for pattern in item.patterns { walk(pattern, of: script) }
        walk(item.body, of: script)
      }
    case .function(_, _, let body):
      if let body { walk(body, of: script) }
    case .test(let test):
      for case .word(let word) in test.elements { walk(word, of: script) }
    case .arithmetic(let arithmetic): walk(arithmetic.parts, of: script)
    case .timed(_, let options, let pipeline):
      for option in options { walk(option, of: script) }
      if let pipeline { walk(pipeline, of: script) }
    case .coprocess(let name, let body):
      if let name { walk(name, of: script) }
      if let body { walk(body, of: script) }
    }
  }

  private mutating func walk(_ assignment: ShellAssignment, of script: ShellScript) {
    walk(assignment.index, of: script)
    walk(assignment.value, of: script)
  }

  private mutating func walk(_ value: ShellAssignment.Value, of script: ShellScript) {
    switch value {
    case .empty: break
    case .word(let word): walk(word, of: script)
    case .array(let elements):
      for element in elements {
        walk(element.index, of: script)
        walk(element.value, of: script)
      }
    }
  }

  private mutating func walk(_ word: ShellWord, of script: ShellScript) {
    if word.parts.count == 1, case .literal = word.parts[0].kind { return }
    walk(word.parts, of: script)
  }

  private mutating func walk(_ parts: [ShellWord.Part], of script: ShellScript) {
    let items = parts.span
    for index in items.indices {
      switch items[index].kind {
      case .literal, .singleQuoted, .ansiQuoted, .glob: break
      case .doubleQuoted(let inner, _), .extendedGlob(_, let inner), .braces(let inner):
        walk(inner, of: script)
      case .parameter(let parameter):
        if let index = parameter.index { walk(index, of: script) }
        walk(parameter.argument, of: script)
      case .backquoted(let list, let verdict):
        if !looksThrough {
          if case .refused = verdict { continue }
          if case .stopped(let place) = verdict { unseen.append(ByteRange(place, items[index].range.upper)) }
        }
        walk(list, of: script)
      case .command(let list), .braceCommand(let list), .process(let list, _): walk(list, of: script)
      case .arithmetic(let arithmetic): walk(arithmetic.parts, of: script)
      }
    }
  }
}
