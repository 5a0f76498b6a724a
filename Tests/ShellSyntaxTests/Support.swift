import ShellSyntax
import SourceText

/// Parses a text.
func parsed(_ text: String) -> ShellScript { ShellScript.parse(Array(text.utf8)) }

/// The kinds and texts of the tokens.
func tokens(_ text: String) -> String {
  let script = parsed(text)
  return script.tokens.indices.map { index in
    "\(script.tokens[index].kind)(\(script.text(in: script.range(ofToken: index))))"
  }.joined(separator: " ")
}

/// The tree of a text in one line.
func tree(_ text: String) -> String {
  let script = parsed(text)
  return Outline(script: script).list(script.list)
}

/// The parts of the second word of a text: the first argument of its first command.
func parts(_ word: String) -> String {
  let script = parsed("x " + word)
  guard case .simple(let command)? = script.list.statements.first?.pipelines.first?.commands.first?.kind,
    command.words.count == 2, case .word(let word) = command.words[1]
  else { return "not one word" }
  return Outline(script: script).parts(word.parts)
}

/// What ShellCheck's parser makes of a text: `ok`, `stop` and where, or `refused`.
func verdict(_ text: String) -> String {
  switch parsed(text).verdict {
  case .accepted: "ok"
  case .stopped(let offset): "stop \(offset)"
  case .refused: "refused"
  }
}

/// The kinds of error of a text.
func errors(_ text: String) -> [ShellError.Kind] { parsed(text).errors.map(\.kind) }

/// Writes a tree in one line.
struct Outline {
  let script: ShellScript

  func list(_ list: ShellList) -> String { list.statements.map(statement).joined(separator: " ") }

  private func statement(_ statement: ShellStatement) -> String {
    var text = ""
    for (index, pipeline) in statement.pipelines.enumerated() {
      if index > 0 { text += statement.connectors[index - 1].kind == .and ? " && " : " || " }
      text += self.pipeline(pipeline)
    }
    switch statement.terminator {
    case .background: return text + " &"
    case .semicolon: return text + ";"
    case .newline: return text + " NL"
    case .none: return text
    }
  }

  private func pipeline(_ pipeline: ShellPipeline) -> String {
    String(repeating: "! ", count: pipeline.negations)
      + pipeline.commands.map(command).joined(separator: " | ")
  }

  private func command(_ node: ShellCommandNode) -> String {
    ([kind(node.kind)] + node.redirections.map(redirection)).joined(separator: " ")
  }

  private func redirection(_ redirection: ShellRedirection) -> String {
    let document = redirection.heredoc.map { "{" + parts(script.heredocs[$0].parts) + "}" } ?? ""
    return "<" + redirection.descriptor + " " + redirection.kind.rawValue + " "
      + (redirection.target.map { parts($0.parts) } ?? "nothing") + document + ">"
  }

  private func kind(_ kind: ShellCommandNode.Kind) -> String {
    switch kind {
    case .simple(let command):
      let words = command.words.map { argument in
        switch argument {
        case .word(let word): parts(word.parts)
        case .assignment(let assignment): self.assignment(assignment)
        }
      }
      return "[" + (command.assignments.map(assignment) + words).joined(separator: " ") + "]"
    case .group(let list): return "{ " + self.list(list) + " }"
    case .subshell(let list): return "( " + self.list(list) + " )"
    case .conditional(let branches, let otherwise):
      return "(if "
        + branches.map { list($0.condition) + " then " + list($0.body) }.joined(separator: " elif ")
        + (otherwise.map { " else " + list($0) } ?? "") + ")"
    case .loop(let isUntil, let condition, let body):
      return "(\(isUntil ? "until" : "while") " + list(condition) + " do " + list(body) + ")"
    case .iteration(let isSelect, let name, _, let words, let body):
      let list = words.map { " in " + $0.map { parts($0.parts) }.joined(separator: " ") } ?? ""
      return "(\(isSelect ? "select" : "for") \(name)\(list) do " + self.list(body) + ")"
    case .arithmeticLoop(let arithmetic, let body):
      return "(for ((" + script.text(in: arithmetic.range) + ")) do " + list(body) + ")"
    case .selection(let subject, let items):
      return "(case " + (subject.map { parts($0.parts) } ?? "nothing")
        + items.map { item in
          " " + item.patterns.map { parts($0.parts) }.joined(separator: "|") + ") " + list(item.body)
            + " \(item.terminator)"
        }.joined() + ")"
    case .function(let name, _, let body):
      return "(function \(name) " + (body.map(command) ?? "nothing") + ")"
    case .test(let test):
      return (test.isDouble ? "[[" : "[ ")
        + test.elements.map { element in
          switch element {
          case .word(let word): parts(word.parts)
          case .operator(let text, _): "'\(text)'"
          }
        }.joined(separator: " ") + (test.isDouble ? "]]" : " ]")
    case .arithmetic(let arithmetic): return "((" + script.text(in: arithmetic.range) + "))"
    case .timed(_, let options, let pipeline):
      return "(time " + options.map { parts($0.parts) + " " }.joined() + (pipeline.map(self.pipeline) ?? "")
        + ")"
    case .coprocess(let name, let body):
      return "(coproc " + (name.map { parts($0.parts) + " " } ?? "") + (body.map(command) ?? "nothing") + ")"
    }
  }

  private func assignment(_ assignment: ShellAssignment) -> String {
    assignment.name + (assignment.index.isEmpty ? "" : "[" + parts(assignment.index) + "]")
      + (assignment.appends ? "+=" : "=") + value(assignment.value)
  }

  private func value(_ value: ShellAssignment.Value) -> String {
    switch value {
    case .empty: ""
    case .word(let word): parts(word.parts)
    case .array(let elements):
      "("
        + elements.map { ($0.index.isEmpty ? "" : "[" + parts($0.index) + "]=") + self.value($0.value) }
        .joined(separator: " ") + ")"
    }
  }

  func parts(_ parts: [ShellWord.Part]) -> String { parts.map(part).joined(separator: "·") }

  private func part(_ part: ShellWord.Part) -> String {
    switch part.kind {
    case .literal(let text): return text
    case .singleQuoted(let text): return "'\(text)'"
    case .ansiQuoted(let text): return "$'\(text)'"
    case .doubleQuoted(let inner, let isTranslated):
      return (isTranslated ? "$" : "") + "\"" + parts(inner) + "\""
    case .parameter(let parameter):
      if !parameter.isBraced { return "$" + parameter.name }
      return "${"
        + [
          parameter.prefix, parameter.name, parameter.index.map { "[" + parts($0) + "]" } ?? "",
          parameter.operator,
          parts(parameter.argument),
        ].filter { !$0.isEmpty }.joined(separator: " ") + "}"
    case .command(let list): return "$( " + self.list(list) + " )"
    case .backquoted(let list, _): return "` " + self.list(list) + " `"
    case .braceCommand(let list): return "${ " + self.list(list) + " }"
    case .arithmetic(let arithmetic):
      return (arithmetic.isBracketed ? "$[" : "$((") + script.text(in: arithmetic.range) + "))"
    case .process(let list, let isOutput): return (isOutput ? ">( " : "<( ") + self.list(list) + " )"
    case .glob(let text): return "glob \(text)"
    case .extendedGlob(let prefix, let inner): return prefix + "(" + parts(inner) + ")"
    case .braces(let inner): return "braces {" + parts(inner) + "}"
    }
  }
}
