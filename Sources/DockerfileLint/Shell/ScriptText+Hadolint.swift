import ShellSyntax

// Words as hadolint reads them: quotes gone, `$x` and `${x}` alike, what it does not know left out. The texts are those
// that its rules compare, so they matter to the letter.

extension ShellWord {
  /// The word without quotes: `${x}` for `$x`, `${words}` for `$(words)`, `${VAR}` for backticks and arithmetic. Brace
  /// expansions, extended patterns and process substitutions have no text.
  var hadolintText: String { DockerfileLint.hadolintText(parts) }

  /// The text of a word that is entirely literal, quotes removed; nil when an expansion or a pattern is in it.
  var literalText: String? {
    if parts.count == 1, case .literal(let text) = parts[0].kind { return text }
    var text = ""
    return ShellWord.appendLiteral(parts, to: &text) ? text : nil
  }

  private static func appendLiteral(_ parts: [Part], to text: inout String) -> Bool {
    for part in parts {
      switch part.kind {
      case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece): text += piece
      case .doubleQuoted(let inner, _): guard appendLiteral(inner, to: &text) else { return false }
      default: return false
      }
    }
    return true
  }

  /// Whether the word starts with a dash that is written there.
  var isFlag: Bool {
    guard let first = parts.first else { return false }
    switch first.kind {
    case .literal(let text), .singleQuoted(let text), .ansiQuoted(let text): return text.hasPrefix("-")
    case .doubleQuoted(let inner, _):
      if case .literal(let text)? = inner.first?.kind { return text.hasPrefix("-") }
      return false
    default: return false
    }
  }
}

private func hadolintText(_ parts: [ShellWord.Part]) -> String {
  // Nearly all words: nothing to put together.
  if parts.count == 1, case .literal(let text) = parts[0].kind { return text }
  var text = ""
  for part in parts {
    switch part.kind {
    case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece), .glob(let piece):
      text += piece
    case .doubleQuoted(let inner, let isTranslated): if !isTranslated { text += hadolintText(inner) }
    case .parameter(let parameter):
      text += "${" + parameter.prefix + parameter.name
      if let index = parameter.index { text += "[" + hadolintText(index) + "]" }
      text += parameter.operator + hadolintText(parameter.argument) + "}"
    case .command(let list): text += "${" + list.statements.map(hadolintText).joined() + "}"
    case .backquoted: text += "${VAR}"
    case .arithmetic(let arithmetic): text += arithmetic.isBracketed ? "" : "${VAR}"
    case .braceCommand, .process, .extendedGlob, .braces: break
    }
  }
  return text
}

private func hadolintText(_ statement: ShellStatement) -> String {
  guard statement.pipelines.count == 1, statement.terminator != .background else { return "" }
  return hadolintText(statement.pipelines[0])
}

/// The words of a pipeline of one simple command, glued.
func hadolintText(_ pipeline: ShellPipeline) -> String {
  guard pipeline.commands.count == 1, pipeline.negations == 0 else { return "" }
  switch pipeline.commands[0].kind {
  case .simple(let command):
    return command.words.map { argument in
      if case .word(let word) = argument { word.hadolintText } else { "" }
    }.joined()
  case .timed(_, let options, let inner):
    return "time" + options.map(\.hadolintText).joined() + (inner.map(hadolintText) ?? "")
  default: return ""
  }
}
