import ShellSyntax
import SourceText

/// Where a word stands, as far as that decides what happens to its expansions.
enum WordPlace {
  /// The text of an unquoted expansion is split and matched against files.
  case argument
  /// It is not: an assignment, `case`, `[[ ]]`.
  case free
  /// It is, and that is what it is there for: the words of `for`.
  case loop
}

extension ShellAnalyzer {
  mutating func word(_ word: ShellWord, _ place: WordPlace, allowsDollars: Bool = false, isName: Bool = false)
  {
    checkQuotes(word)
    // `\cp` is a way to run `cp` and no alias of that name.
    plainFrom = isName ? word.range.lower + 1 : 0
    assignedFrom = nil
    if isName, word.parts.count > 1, case .literal(let text) = word.parts[1].kind, text.hasPrefix("=") {
      assignedFrom = word.range.lower
    }
    parts(word.parts, isQuoted: false, place, allowsDollars: allowsDollars)
  }

  /// - Parameter allowsDollars: whether `$x` in single quotes is meant to stay.
  mutating func parts(
    _ parts: [ShellWord.Part], isQuoted: Bool, _ place: WordPlace, allowsDollars: Bool = false
  ) {
    // A span, as in the other walks: a loop over the array would copy each part.
    let items = parts.span
    for index in items.indices {
      let range = items[index].range
      switch items[index].kind {
      case .literal:
        if !isQuoted { checkPlain(range) }
        if hasWideLetters { checkLookAlikes(range, isQuoted ? .double : .none) }
      case .singleQuoted(let text):
        if hasWideLetters { checkLookAlikes(range, .single) }
        checkSingleQuoted(text, range, allowsDollars: allowsDollars)
      case .ansiQuoted: reportBashism(3003, range)
      case .doubleQuoted(let inner, let isTranslated):
        if isTranslated { reportBashism(3004, range) }
        self.parts(inner, isQuoted: true, place, allowsDollars: allowsDollars)
      case .parameter(let parameter): self.parameter(parameter, range, isQuoted: isQuoted, place)
      case .command(let list):
        checkSubstitution(list, range, isQuoted: isQuoted, place)
        substitution(list)
      case .backquoted(let list, _):
        checkSubstitution(list, range, isQuoted: isQuoted, place, isOld: true)
        // A comment is a way to write one in the middle of a line.
        if !list.statements.isEmpty {
          report(2006, range, changes: backquoteChanges(range), isSafe: true)
        }
        backticks += 1
        substitution(list)
        backticks -= 1
      case .braceCommand(let list): self.list(list)
      case .process(let list, _):
        reportBashism(3001, range)
        substitution(list)
      case .arithmetic(let arithmetic):
        if arithmetic.isBracketed {
          reportBashism(3007, range)
          report(2007, range)
        }
        self.arithmetic(arithmetic)
      case .glob(let text):
        if text.hasPrefix("[^") { reportBashism(3026, range) }
        checkBrackets(text, range)
      case .extendedGlob(_, let inner):
        reportBashism(3002, range)
        self.parts(inner, isQuoted: isQuoted, .free)
      case .braces(let inner):
        reportBashism(3009, range)
        self.parts(inner, isQuoted: isQuoted, place)
      }
    }
  }

  /// Names in an arithmetic expression are read, whatever is done with them.
  mutating func arithmetic(_ arithmetic: ShellArithmetic) {
    parts(arithmetic.parts, isQuoted: true, .free)
    checkOperands(arithmetic)
    var index = Int(arithmetic.range.lower)
    let end = min(Int(arithmetic.range.upper), script.text.count)
    while index < end {
      guard script.text[index].isVariableByte, !script.text[index].isASCIIDigit else {
        index += 1
        continue
      }
      let start = index
      while index < end, script.text[index].isVariableByte { index += 1 }
      uses.protect(String(decoding: script.text[start..<index], as: UTF8.self))
    }
  }

  // MARK: Parameters

  private mutating func parameter(
    _ parameter: ShellParameter, _ range: ByteRange, isQuoted: Bool, _ place: WordPlace
  ) {
    let name = parameter.name
    use(parameter, range)
    parameterBashisms(parameter, range)
    if arrays.contains(name), parameter.index == nil, parameter.prefix.isEmpty, parameter.operator.isEmpty {
      report(2128, range, name)
    }
    if !isQuoted, place != .free, parameter.prefix != "#" {
      if parameter.isAll("@") {
        report(2068, range, name)
      } else {
        if parameter.isAll("*") { report(2048, range) }
        if place == .argument, needsQuotes(parameter), range.lower != assignedFrom {
          if setsDefaults, parameter.operator == "=" || parameter.operator == ":=" {
            report(2223, range, name)
          } else {
            report(
              2086, range, name,
              changes: [
                ShellFinding.Change(range: ByteRange(range.lower, range.lower), text: "\""),
                ShellFinding.Change(range: ByteRange(range.upper, range.upper), text: "\""),
              ])
          }
        }
      }
    }
    if let index = parameter.index { parts(index, isQuoted: true, .free) }
    parts(parameter.argument, isQuoted: true, .free)
    if parameter.operator.hasPrefix("%") || parameter.operator.hasPrefix("#") {
      for part in parameter.argument where part.isQuotable { report(2295, part.range) }
    }
    if parameter.operator == ":=" || parameter.operator == "=" {
      uses.declare(name)
      flow.set(name, .any)
    }
  }

  private func needsQuotes(_ parameter: ShellParameter) -> Bool {
    switch parameter.operator {
    case "+", ":+": return false
    default: return parameter.name.isEmpty ? false : !flow.isClean(parameter)
    }
  }

  private mutating func use(_ parameter: ShellParameter, _ range: ByteRange) {
    guard let first = parameter.name.utf8.first, first.isVariableByte, !first.isASCIIDigit else { return }
    switch parameter.operator {
    case "-", ":-", "+", ":+", "?", ":?", "=", ":=": uses.protect(parameter.name)
    default:
      uses.read(parameter.name, range)
    }
  }

  // MARK: Substitutions

  private mutating func checkSubstitution(
    _ list: ShellList, _ range: ByteRange, isQuoted: Bool, _ place: WordPlace, isOld: Bool = false
  ) {
    guard !list.statements.isEmpty else { return }
    let only = list.onlyCommand
    if !isQuoted, place == .argument {
      let name = only?.commandName
      if name != "seq", name != "pgrep" {
        report(
          2046, range,
          changes: [
            ShellFinding.Change(range: ByteRange(range.lower, range.lower), text: "\""),
            ShellFinding.Change(range: ByteRange(range.upper, range.upper), text: "\""),
          ])
      }
    }
    guard let only, let name = only.commandName, list.statements[0].pipelines[0].negations == 0 else {
      if let first = list.onlyNode, case .simple(let simple) = first.kind, simple.words.isEmpty,
        simple.assignments.isEmpty, first.redirections.count == 1, first.redirections[0].kind == .input
      {
        reportBashism(isOld ? 3035 : 3034, range)
      }
      return
    }
    if name == "echo", only.words.count > 1,
      !only.words.dropFirst().contains(where: { $0.startsWithDash || $0.hasPattern }),
      list.onlyNode?.redirections.isEmpty ?? false
    {
      report(2116, range)
    }
  }

  /// The edits that turn backticks into `$(…)`: none when something inside would change its meaning.
  private func backquoteChanges(_ range: ByteRange) -> [ShellFinding.Change] {
    guard range.count >= 2, backticks == 0 else { return [] }
    let inner = script.text[Int(range.lower) + 1..<Int(range.upper) - 1]
    guard script.text[Int(range.upper) - 1] == 0x60, !inner.contains(0x5C), !inner.contains(0x60),
      !inner.contains(0x23), inner.first != 0x28
    else { return [] }
    return [
      ShellFinding.Change(range: ByteRange(range.lower, range.lower + 1), text: "$("),
      ShellFinding.Change(range: ByteRange(range.upper - 1, range.upper), text: ")"),
    ]
  }

  // MARK: Text

  /// Backslashes and braces in text without quotes.
  private mutating func checkPlain(_ range: ByteRange) {
    guard silence == 0, backticks == 0 else { return }
    var index = Int(range.lower)
    let end = min(Int(range.upper), script.text.count)
    while index < end {
      let byte = script.text[index]
      if byte == 0x5C, index + 1 < end {
        let next = script.text[index + 1]
        let place = ByteRange(index, index + 2)
        switch next {
        case _ where index < plainFrom: break
        case 0x6E, 0x72, 0x74: report(1012, place, String(decoding: [next], as: UTF8.self))
        case 0x20, 0x09, 0x0A, 0x0D, 0x22, 0x27, 0x60, 0x24, 0x5C, 0x7C, 0x26, 0x3B, 0x3C, 0x3E, 0x28, 0x29,
          0x7E,
          0x23, 0x2A, 0x3F, 0x21, 0x5B, 0x5D, 0x7B, 0x7D, 0x2C, 0x40, 0x2B, 0x2E:
          break
        default:
          var last = index + 2
          while last < end, script.text[last] & 0xC0 == 0x80 { last += 1 }
          report(
            1001, ByteRange(index, last), String(decoding: script.text[index + 1..<last], as: UTF8.self))
        }
        index += 2
      } else if byte == 0x7B || byte == 0x7D {
        if byte == 0x7B, index + 1 < script.text.count, script.text[index + 1] == 0x7D {
          index += 2
        } else {
          report(1083, ByteRange(index, index + 1), byte == 0x7B ? "{" : "}")
          index += 1
        }
      } else {
        index += 1
      }
    }
  }

  private mutating func checkSingleQuoted(_ text: String, _ range: ByteRange, allowsDollars: Bool) {
    guard silence == 0 else { return }
    let bytes = Array(text.utf8)
    if bytes.last == 0x5C { report(1003, ByteRange(range.upper - 2, range.upper - 1)) }
    var hasExpansion = false
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x24, index + 1 < bytes.count {
        let next = bytes[index + 1]
        if next == 0x28 || next.isVariableByte || next == 0x7B { hasExpansion = true }
        if isSed, Self.isAddress(bytes[(index + 1)...]) { return }
        if next.isVariableByte, !next.isASCIIDigit {
          var last = index + 1
          while last < bytes.count, bytes[last].isVariableByte { last += 1 }
          uses.refer(String(decoding: bytes[index + 1..<last], as: UTF8.self))
        } else if next == 0x7B {
          var last = index + 2
          while last < bytes.count, bytes[last].isVariableByte { last += 1 }
          if last > index + 2 { uses.refer(String(decoding: bytes[index + 2..<last], as: UTF8.self)) }
        }
      }
      index += 1
    }
    if !hasExpansion, let first = bytes.firstIndex(of: 0x60), let last = bytes.lastIndex(of: 0x60),
      last > first + 1
    {
      hasExpansion = true
    }
    if hasExpansion, !allowsDollars { report(2016, range) }
  }

  /// Whether what stands behind a `$` is one of sed's commands, for the last line.
  private static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
    var text = text
    let hasBrace = text.first == 0x7B
    if hasBrace { text = text.dropFirst() }
    guard let first = text.first else { return hasBrace }
    let isCommand = "dpsaic".utf8.contains(first)
    if isCommand {
      guard let next = text.dropFirst().first else { return true }
      return !next.isASCIILetter
    }
    return hasBrace && !first.isVariableByte
  }

  /// A bracket expression with a character twice stands for a name more often than for a pattern.
  private mutating func checkBrackets(_ text: String, _ range: ByteRange) {
    guard silence == 0, !takesSets, text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count > 3,
      !text.contains("[:"),
      !text.contains("[=")
    else { return }
    var contents = text.utf8.dropFirst().dropLast()
    if contents.first == 0x21 || contents.first == 0x5E { contents = contents.dropFirst() }
    guard !contents.contains(0x5B) else { return }
    var seen: Set<UInt8> = []
    for byte in contents where byte != 0x2D {
      if !seen.insert(byte).inserted {
        report(2102, range)
        return
      }
    }
  }

  /// Quotes that end where something in the middle of a text should be quoted: `"a"b"c"`.
  private mutating func checkQuotes(_ word: ShellWord) {
    guard silence == 0 else { return }
    checkTilde(word)
    guard word.parts.count >= 2 else { return }
    for index in word.parts.indices.dropFirst() {
      let part = word.parts[index]
      if case .singleQuoted = word.parts[index - 1].kind, case .literal(let text) = part.kind, !text.isEmpty,
        text.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || $0.properties.numericType != nil })
      {
        report(2026, part.range)
      }
      guard index + 1 < word.parts.count, case .doubleQuoted(let before, false) = word.parts[index - 1].kind,
        case .doubleQuoted(let after, false) = word.parts[index + 1].kind
      else { continue }
      switch part.kind {
      case .literal(let text):
        // Quotes around one expansion are there to protect it.
        if Self.isOnlyExpansion(before) && Self.isOnlyExpansion(after) { continue }
        if text == "=" || text == ":" || text == "/" { continue }
        report(2140, part.range, text)
      case .parameter, .command: report(2027, part.range)
      default: continue
      }
    }
  }

  private static func isOnlyExpansion(_ parts: [ShellWord.Part]) -> Bool {
    guard parts.count == 1 else { return false }
    switch parts[0].kind {
    case .parameter, .command, .backquoted: return true
    default: return false
    }
  }

  /// A tilde in quotes is a tilde.
  private mutating func checkTilde(_ word: ShellWord) {
    switch word.parts.first?.kind {
    case .singleQuoted(let text):
      if text.hasPrefix("~/") { report(2088, word.parts[0].range) }
    case .doubleQuoted(let inner, false):
      if case .literal(let text)? = inner.first?.kind, text.hasPrefix("~/") { report(2088, inner[0].range) }
    default: break
    }
  }

  /// `$` before a name that needs none, and operators that a POSIX shell need not know.
  private mutating func checkOperands(_ arithmetic: ShellArithmetic) {
    guard silence == 0 else { return }
    let text = script.text
    let bounds = arithmetic.range.indices
    for part in arithmetic.parts where !arithmetic.isBracketed {
      guard case .parameter(let parameter) = part.kind, parameter.name.isVariableName,
        parameter.prefix.isEmpty, parameter.index == nil, parameter.operator.isEmpty
      else { continue }
      let before = Int(part.range.lower) - 1
      let after = Int(part.range.upper)
      if bounds.contains(before), text[before].isVariableByte || "#$'\"`}".utf8.contains(text[before]) {
        continue
      }
      if bounds.contains(after), text[after].isVariableByte || "$'\"`[.".utf8.contains(text[after]) {
        continue
      }
      report(2004, part.range, parameter.name)
    }
    guard isPortable else { return }
    var index = bounds.lowerBound
    while index + 1 < bounds.upperBound {
      let byte = text[index]
      guard byte == 0x2B || byte == 0x2D, text[index + 1] == byte else {
        index += 1
        continue
      }
      var start = index
      while start > bounds.lowerBound, text[start - 1].isVariableByte { start -= 1 }
      // Behind a name or before one.
      let isBehind = start < index && !text[start].isASCIIDigit
      let next = index + 2 < bounds.upperBound ? text[index + 2] : 0x20
      if isBehind || next.isVariableByte && !next.isASCIIDigit {
        report(
          3018, ByteRange(index, index + 2), String(decoding: [byte, byte], as: UTF8.self))
      }
      index += 2
    }
  }
}

extension UInt8 {
  /// Whether the byte may stand in the name of a variable.
  var isVariableByte: Bool { isASCIILetter || isASCIIDigit || self == 0x5F }
}

extension ShellParameter {
  /// Whether it stands for all parameters or elements, as `$*` or `${x[*]}` and the same with `@`.
  func isAll(_ sign: String) -> Bool {
    if name == sign { return true }
    guard case .literal(let text)? = index?.first?.kind else {
      if case .glob(let text)? = index?.first?.kind { return text == sign }
      return false
    }
    return text == sign
  }
}
