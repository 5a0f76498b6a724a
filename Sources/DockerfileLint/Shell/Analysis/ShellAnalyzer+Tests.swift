import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// `[ … ]` and `[[ … ]]`.
  mutating func test(_ isDouble: Bool, _ elements: [ShellTest.Element], _ range: ByteRange) {
    for (index, element) in elements.enumerated() {
      if case .word(let word) = element {
        if let parameter = word.onlyParameter, isTested(elements, index) { uses.protect(parameter.name) }
        // A pattern behind `==` is no text that is split.
        self.word(word, isDouble ? .free : .argument)
      }
      if case .operator(let text, let place) = element {
        checkOperator(text, place, isDouble, elements, index)
      }
    }
    guard silence == 0 else { return }
    checkConstants(elements)
  }

  /// Whether the word at an index is asked whether it is empty.
  private func isTested(_ elements: [ShellTest.Element], _ index: Int) -> Bool {
    if index > 0, case .operator(let text, _) = elements[index - 1] {
      if text == "-n" || text == "-z" || text == "-v" { return true }
      guard ["!", "(", "&&", "||", "-a", "-o"].contains(text) else { return false }
    }
    guard index + 1 < elements.count else { return true }
    if case .operator(let text, _) = elements[index + 1] {
      return ["&&", "||", "-a", "-o", ")"].contains(text)
    }
    return false
  }

  private mutating func checkOperator(
    _ text: String, _ place: ByteRange, _ isDouble: Bool, _ elements: [ShellTest.Element], _ index: Int
  ) {
    guard silence == 0 else { return }
    let isBinary = index > 0 && { if case .word = elements[index - 1] { true } else { false } }()
    let next = index + 1 < elements.count ? elements[index + 1] : nil
    switch text {
    case "==":
      if isPortable {
        report(3014, place, text, changes: [ShellFinding.Change(range: place, text: "=")], isSafe: true)
      }
    case "-nt", "-ot", "-ef": if isPortable, !isDash { report(3013, place, text) }
    case "=~": if isPortable { report(3015, place, text) }
    case "<", ">":
      if !isDouble, isPortable, isBinary { report(3012, place, text) }
    case "-v": if isPortable, !isBinary { report(3016, place, text) }
    case "-a", "-o":
      if isBinary, !isDouble { report(2166, place, text) }
    case "!":
      if let next, case .operator(let flag, _) = next, flag == "-z" || flag == "-n", !isBinary {
        report(2236, place, flag == "-z" ? "-n" : "-z")
      }
    case "-e", "-f", "-d", "-s", "-r", "-w", "-x", "-L", "-h":
      if !isBinary, case .word(let word)? = next, word.hasGlob { report(2144, word.range, text) }
    case "-n", "-z":
      guard !isBinary, case .word(let word)? = next else { break }
      if !isDouble, text == "-n", case .parameter(let parameter)? = word.parts.first?.kind,
        word.parts.count == 1,
        parameter.operator.isEmpty, parameter.prefix.isEmpty, !flow.isClean(parameter)
      {
        report(2070, word.range)
      }
      if let constant = word.literalText, text == "-n" || !constant.isEmpty { report(2157, word.range, text) }
      if let list = word.substitution, let last = list.onlyPipeline?.commands.last?.commandName,
        last == "grep" || last == "egrep" || last == "fgrep"
      {
        report(2143, place, text)
      }
    case "-eq", "-ne":
      break
    default: break
    }
    if text == "-eq" || text == "-ne" || text == "=" || text == "==" || text == "!=", isBinary {
      if case .word(let word) = elements[index - 1], let parameter = word.onlyParameter, parameter.name == "?"
      {
        report(2181, word.parts.first?.range ?? word.range)
      }
      if case .word(let word)? = next, let parameter = word.onlyParameter, parameter.name == "?" {
        report(2181, word.parts.first?.range ?? word.range)
      }
    }
    if isBinary, text == "=" || text == "==" || text == "!=", case .word(let left) = elements[index - 1],
      case .word(let right)? = next
    {
      if left.startsWithX, right.startsWithX { report(2268, left.range) }
      if !isDouble, right.hasGlob { report(2081, right.range) }
      if isDouble, right.parts.count == 1, case .parameter = right.parts[0].kind { report(2053, right.range) }
    }
  }

  private static let comparisons: Set<String> = ["=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"]

  /// Expressions that are always true or always false.
  private mutating func checkConstants(_ elements: [ShellTest.Element]) {
    for index in elements.indices {
      guard case .word(let word) = elements[index] else { continue }
      let before = index > 0 ? elements[index - 1] : nil
      let after = index + 1 < elements.count ? elements[index + 1] : nil
      if case .operator(let text, let place)? = after, Self.comparisons.contains(text),
        index + 2 < elements.count,
        case .word(let right) = elements[index + 2]
      {
        if word.isConstant, right.isConstant { report(2050, place, text) }
        continue
      }
      if case .operator(let text, _)? = before {
        guard ["!", "(", "&&", "||", "-a", "-o"].contains(text) else { continue }
      } else if before != nil {
        continue
      }
      if case .operator(let text, _)? = after {
        guard [")", "&&", "||", "-a", "-o"].contains(text) else { continue }
      } else if after != nil {
        continue
      }
      if word.isConstant { report(2078, word.range) }
    }
  }
}

extension ShellList {
  /// The pipeline of a list that has no other.
  var onlyPipeline: ShellPipeline? {
    statements.count == 1 && statements[0].pipelines.count == 1 ? statements[0].pipelines[0] : nil
  }
}

extension ShellWord {
  /// Whether the shell would look for files.
  var hasGlob: Bool {
    parts.contains { part in
      switch part.kind {
      case .glob, .extendedGlob: true
      default: false
      }
    }
  }

  /// The list of the one substitution that a word consists of.
  var substitution: ShellList? {
    guard parts.count == 1 else { return nil }
    switch parts[0].kind {
    case .command(let list), .backquoted(let list, _): return list
    case .doubleQuoted(let inner, _):
      guard inner.count == 1 else { return nil }
      switch inner[0].kind {
      case .command(let list), .backquoted(let list, _): return list
      default: return nil
      }
    default: return nil
    }
  }

  /// Whether the text starts with an `x` that is only there so that it is not empty.
  var startsWithX: Bool {
    guard let first = parts.first else { return false }
    switch first.kind {
    case .literal(let text), .singleQuoted(let text): return text.lowercased().hasPrefix("x")
    case .doubleQuoted(let inner, _):
      if case .literal(let text)? = inner.first?.kind { return text.lowercased().hasPrefix("x") }
      return false
    default: return false
    }
  }
}
