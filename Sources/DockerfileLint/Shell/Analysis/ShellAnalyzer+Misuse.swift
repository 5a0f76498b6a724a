import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// Arguments of single programs that mean something else than it seems.
  mutating func checkMisuse(
    _ name: KnownCommand, _ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode
  ) {
    switch name {
    case .mv: if Self.hasNoDestination(arguments) { report(2224, node.wordsRange) }
    case .cp: if Self.hasNoDestination(arguments) { report(2225, node.wordsRange) }
    case .ln: if Self.hasNoDestination(arguments) { report(2226, node.wordsRange) }
    case .su:
      if arguments.count <= 1, !isPiped, node.redirections.isEmpty { report(2117, node.wordsRange) }
    case .set:
      guard case .word(let word)? = arguments.first else { return }
      let text = word.plainText
      if text.contains("=") || arguments.count > 1 && text.isVariableName { report(2121, word.range) }
    case .alias: alias(arguments)
    case .export:
      for argument in arguments {
        guard let word = argument.word, let parameter = word.onlyParameter, parameter.isUnchanged else {
          continue
        }
        report(2163, word.range, parameter.name)
      }
    case .unset:
      for argument in arguments where argument.word?.hasGlob ?? false { report(2184, argument.range) }
    case .test:
      for redirection in node.redirections
      where redirection.descriptor != "2" && (redirection.kind == .input || redirection.kind == .output) {
        report(2065, redirection.range)
      }
    case .trap:
      guard let word = arguments.first?.word, word.parts.count == 1,
        case .doubleQuoted(let inner, _) = word.parts[0].kind
      else { return }
      for part in inner {
        switch part.kind {
        case .parameter, .command, .backquoted, .arithmetic: report(2064, part.range)
        default: break
        }
      }
    default: break
    }
  }

  private mutating func alias(_ arguments: [ShellSimpleCommand.Argument]) {
    for argument in arguments {
      let parts: [ShellWord.Part]
      switch argument {
      case .word(let word): parts = word.writtenText.contains("=") ? word.parts : []
      case .assignment(let assignment):
        if case .word(let word) = assignment.value { parts = word.parts } else { parts = [] }
      }
      let flat = parts.flatMap { part -> [ShellWord.Part] in
        if case .doubleQuoted(let inner, _) = part.kind { inner } else { [part] }
      }
      let first = flat.first { part in
        switch part.kind {
        case .literal, .singleQuoted, .ansiQuoted: false
        default: true
        }
      }
      if let first { report(2139, first.range) }
    }
  }

  /// Whether the only operand is what is to be moved or copied.
  private static func hasNoDestination(_ arguments: [ShellSimpleCommand.Argument]) -> Bool {
    var operands = 0
    var isOperand = false
    for argument in arguments {
      guard let word = argument.word else { return false }
      if !isOperand, word.literalText == "--" {
        isOperand = true
        continue
      }
      if !isOperand, word.isFlag {
        let text = argument.prefix
        if text.hasPrefix("--") {
          let option = text.dropFirst(2).prefix { $0 != "=" }
          if !option.isEmpty, "target-directory".hasPrefix(option) { return false }
        } else if text.contains("t") {
          return false
        }
        continue
      }
      if word.mayBecomeSeveral { return false }
      operands += 1
    }
    return operands == 1
  }

  // MARK: Assignments that are none

  /// A command whose name has an equals sign in it.
  mutating func checkEquals(_ word: ShellWord) {
    guard
      let index = word.parts.firstIndex(where: {
        if case .literal(let text) = $0.kind { text.utf8.contains(UInt8(ascii: "=")) } else { false }
      }), case .literal(let written) = word.parts[index].kind
    else { return }
    let leading = word.parts[..<index]
    let text = index > 0 && written.hasPrefix("+=") ? String(written.dropFirst()) : written
    if index == 0 {
      if text.hasPrefix("-") || text.hasPrefix("=") { return }
      if text.contains("==") {
        report(2272, word.range)
      } else if !(text.utf8.first?.isASCIIDigit ?? false) {
        report(2276, word.range)
      }
      return
    }
    if text.contains("==") {
      report(2272, word.range)
    } else if leading.count == 1, text.hasPrefix("="), case .parameter(let parameter)? = leading.first?.kind {
      if parameter.name.isEmpty || parameter.prefix == "#" {
        report(2276, word.range)
      } else if parameter.prefix.isEmpty, parameter.operator.isEmpty, parameter.name.isVariableName {
        report(2281, leading.first?.range ?? word.range, parameter.name)
      } else if !parameter.name.utf8.allSatisfy({ $0.isASCIIDigit }) {
        report(2271, word.range)
      }
    } else if Self.mayBeName(leading),
      text.utf8.prefix(while: { $0 != 0x3D }).allSatisfy({ $0.isVariableByte })
    {
      report(2271, word.range)
    } else {
      report(2276, word.range)
    }
  }

  /// Whether some parts give the name of a variable, whatever their expansions give.
  private static func mayBeName(_ parts: ArraySlice<ShellWord.Part>) -> Bool {
    var text = ""
    for part in parts {
      switch part.kind {
      case .literal(let piece): text += piece
      case .parameter, .command, .backquoted, .arithmetic: text += "x"
      default: return false
      }
    }
    return text.isVariableName && !parts.contains { $0.isAllElements }
  }

  /// `A=b command $A`: the shell puts the value in before it assigns.
  mutating func checkOwnAssignments(_ command: ShellSimpleCommand) {
    guard silence == 0, !command.assignments.isEmpty, !command.words.isEmpty else { return }
    func look(_ parts: [ShellWord.Part], _ found: inout [(String, ByteRange)]) {
      for part in parts {
        switch part.kind {
        case .parameter(let parameter):
          found.append((parameter.name, part.range))
          look(parameter.argument, &found)
        case .doubleQuoted(let inner, _): look(inner, &found)
        case .arithmetic(let arithmetic): look(arithmetic.parts, &found)
        default: continue
        }
      }
    }
    var found: [(String, ByteRange)] = []
    for case .word(let word) in command.words { look(word.parts, &found) }
    let read = Set(found.map { $0.0 })
    guard
      let assignment = command.assignments.first(where: {
        read.contains($0.name) && !$0.appends && $0.index.isEmpty
      })
    else { return }
    report(2097, assignment.range, assignment.name)
    let names = Set(command.assignments.filter { $0.index.isEmpty }.map { $0.name })
    for (name, range) in found where names.contains(name) { report(2098, range, name) }
  }

  // MARK: find

  mutating func checkFind(_ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode) {
    checkActions(arguments)
    checkPrecedence(arguments)
    if node.redirections.contains(where: { $0.range.lower < node.wordsRange.upper }),
      let first = node.redirections.map({ $0.range }).min(by: { $0.lower < $1.lower }), !arguments.isEmpty
    {
      report(2227, first)
    }
  }

  /// `-exec` and its like.
  private mutating func checkActions(_ arguments: [ShellSimpleCommand.Argument]) {
    var isOpen = false
    for (index, argument) in arguments.enumerated() {
      if isOpen {
        for part in argument.word?.parts ?? [] {
          switch part.kind {
          case .command, .backquoted, .glob, .extendedGlob: report(2014, part.range)
          default: break
          }
        }
      }
      switch argument.literalText {
      case "-exec", "-execdir", "-ok", "-okdir":
        isOpen = true
        checkAction(arguments, index)
      case "+", ";": isOpen = false
      default: break
      }
    }
    if isOpen, let last = arguments.last { report(2067, last.range) }
  }

  private mutating func checkAction(_ arguments: [ShellSimpleCommand.Argument], _ index: Int) {
    guard index + 2 < arguments.count else { return }
    let end = arguments[index + 2].literalText
    if end == ";" || end == "+",
      arguments[index + 1].literalText?.contains(where: { " |;".contains($0) }) ?? true
    {
      report(2150, arguments[index].range)
    }
    guard ["sh", "bash", "dash", "ksh"].contains(arguments[index + 1].literalText ?? ""),
      arguments[index + 2].literalText == "-c", index + 3 < arguments.count
    else { return }
    if arguments[index + 3].word?.writtenText.contains("{}") ?? false {
      report(2156, arguments[index + 3].range)
    }
  }

  /// `-name a -o -name b -exec …`: the action goes with the second name alone.
  private mutating func checkPrecedence(_ arguments: [ShellSimpleCommand.Argument]) {
    let names: Set<String> = ["-name", "-regex", "-iname", "-iregex", "-wholename", "-iwholename"]
    let actions: Set<String> = [
      "-exec", "-execdir", "-delete", "-print", "-print0", "-fls", "-fprint", "-fprint0", "-fprintf", "-ls",
      "-ok", "-okdir", "-printf",
    ]
    guard arguments.count >= 6 else { return }
    let texts = arguments.map { $0.literalText ?? "" }
    for index in 0...(texts.count - 6) {
      guard names.contains(texts[index]), texts[index + 2] == "-o" || texts[index + 2] == "-or",
        names.contains(texts[index + 3]), actions.contains(texts[index + 5])
      else { continue }
      report(2146, arguments[index + 5].range)
      return
    }
  }

  // MARK: grep and tr

  mutating func grepPattern(_ arguments: [ShellSimpleCommand.Argument]) {
    var rest = arguments[...]
    var pattern: ShellWord?
    while pattern == nil, let argument = rest.popFirst() {
      let text = argument.literalText ?? "_"
      if text == "--" || text == "-e" || text == "--regex" {
        pattern = rest.first?.word
        break
      }
      if !text.hasPrefix("-") || text.hasPrefix("--regex=") { pattern = argument.word }
      if pattern == nil, argument.word == nil { return }
    }
    guard let pattern else { return }
    if pattern.hasGlob { report(2062, pattern.range) }
    let isFixed = arguments.contains { argument in
      guard let text = argument.literalText, text.hasPrefix("-") else { return false }
      if text.hasPrefix("--") {
        let option = text.dropFirst(2).prefix { $0 != "=" }
        return ["fixed-strings", "include", "exclude", "exclude-dir", "only-matching"].contains(
          String(option))
      }
      return text.contains("F") || text.contains("o")
    }
    guard !isFixed else { return }
    let bytes = Array(pattern.patternText.utf8)
    let isTwo = bytes.count == 2 && bytes[1] == 0x2A && bytes[0] != 0x5C && bytes[0] != 0x2E
    if bytes.first == 0x2A || isTwo {
      report(2063, pattern.range)
    } else if Self.repeatsLetter(bytes) {
      report(2022, pattern.range)
    }
  }

  /// Whether a letter is repeated by a star, in a text that has no other sign of being a regular expression.
  private static func repeatsLetter(_ bytes: [UInt8]) -> Bool {
    var repeats = false
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0x2A:
        guard index > 0 else { continue }
        guard bytes[index - 1].isASCIILetter || 0x31...0x39 ~= bytes[index - 1] else { return false }
        repeats = true
      case 0x5B, 0x5D, 0x5E, 0x24, 0x2B, 0x5C: return false
      default: break
      }
    }
    return repeats
  }

  mutating func tr(_ arguments: [ShellSimpleCommand.Argument]) {
    for argument in arguments {
      guard case .word(let word) = argument else { continue }
      if word.hasGlob { report(2060, word.range) }
      guard let text = word.literalText, !word.hasGlob else { continue }
      switch text {
      case "a-z": report(2018, word.range)
      case "A-Z": report(2019, word.range)
      default:
        let letters = text.filter { $0.isLetter }
        if !text.hasPrefix("-"), !text.contains("[:"), Set(letters).count < letters.count {
          report(2020, word.range)
        }
        if text.utf8.count > 2, text.hasPrefix("["), text.hasSuffix("]"), !text.hasPrefix("[:"),
          !text.hasPrefix("[="), !text.contains("*")
        {
          report(2021, word.range)
        }
      }
    }
  }

  // MARK: rm

  mutating func rm(_ arguments: [ShellSimpleCommand.Argument]) {
    let isRecursive = arguments.contains { argument in
      let text = argument.prefix
      guard text.hasPrefix("-") else { return false }
      return text.hasPrefix("--")
        ? text == "--recursive" : text.utf8.contains(0x72) || text.utf8.contains(0x52)
    }
    guard isRecursive else { return }
    for argument in arguments {
      guard case .word(let word) = argument, let path = word.pathWhenEmpty, Self.isImportant(path) else {
        continue
      }
      report(word.literalText == nil ? 2115 : 2114, word.range, path)
    }
  }

  /// Folders that no system works without.
  private static let importantPaths: Set<String> = {
    let folders = [
      "", "/bin", "/etc", "/home", "/mnt", "/usr", "/usr/share", "/usr/local", "/var", "/lib", "/dev",
      "/media", "/boot", "/lib64", "/usr/bin",
    ]
    var paths = Set(["", "/", "/*", "/*/*"].flatMap { end in folders.map { $0 + end } })
    paths.remove("")
    return paths
  }()

  private static func isImportant(_ path: String) -> Bool {
    var bytes: [UInt8] = []
    for byte in path.utf8 where !((byte == 0x2F || byte == 0x2A) && bytes.last == byte) { bytes.append(byte) }
    if bytes.count > 1 {
      while bytes.last == 0x2F { bytes.removeLast() }
    }
    return importantPaths.contains(String(decoding: bytes, as: UTF8.self))
  }
}

extension ShellParameter {
  /// Whether the value of a variable is taken as it is.
  var isUnchanged: Bool {
    prefix.isEmpty && index == nil && self.operator.isEmpty && argument.isEmpty && name.isVariableName
  }
}

extension ShellWord {
  /// The text with a star for whatever is not literal.
  fileprivate var plainText: String {
    parts.reduce(into: "") { result, part in
      if case .literal(let text) = part.kind { result += text } else { result += "*" }
    }
  }

  /// The text as a program gets it, with `$` for each expansion.
  fileprivate var patternText: String {
    func text(_ parts: [Part]) -> String {
      parts.reduce(into: "") { result, part in
        switch part.kind {
        case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece), .glob(let piece):
          result += piece
        case .doubleQuoted(let inner, _): result += text(inner)
        default: result += "$"
        }
      }
    }
    return text(parts)
  }

  /// What the word gives when its expansions are empty; nil when one of them has a default, or there are braces.
  fileprivate var pathWhenEmpty: String? {
    var text = ""
    func add(_ parts: [Part]) -> Bool {
      for part in parts {
        switch part.kind {
        case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece), .glob(let piece):
          text += piece
        case .doubleQuoted(let inner, _): guard add(inner) else { return false }
        case .parameter(let parameter):
          if [":?", ":-", ":="].contains(parameter.operator) { return false }
        case .braces: return false
        default: continue
        }
      }
      return true
    }
    return add(parts) ? text : nil
  }
}
