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
    checkConstants(elements, isDouble)
    checkStatus(elements)
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

    case "=~": if isPortable { report(3015, place, text) }
    case "<", ">":
      if isPortable, isBinary { report(3012, place, text) }
      if isBinary, case .word(let left) = elements[index - 1], case .word(let right)? = next {
        if isNumber(left) || isNumber(right) {
          report(2071, place, text)
        } else if !isDouble, isDash || !isPortable {
          report(2073, place, text)
        }
      }
    case "-v": if isPortable, !isBinary { report(3016, place, text) }
    case "-a" where !Self.joins(elements, index):
      report(
        2331, place, changes: [ShellFinding.Change(range: place, text: "-e")], isSafe: true)
    case "-a", "-o":
      if Self.joins(elements, index), !isDouble { report(2166, place, text) }
    case "!":
      if let next, case .operator(let flag, _) = next, flag == "-z" || flag == "-n", !isBinary {
        report(2236, place, flag == "-z" ? "-n" : "-z")
      }
    case "-e", "-f", "-d", "-s", "-r", "-w", "-x", "-L", "-h":
      if !isBinary, case .word(let word)? = next, word.hasGlob { report(2144, word.range, text) }
    case "-n", "-z":
      guard !isBinary, case .word(let word)? = next else { break }
      if !isDouble, text == "-n", word.isSplit, !word.parts.contains(where: { $0.isAllElements }) {
        report(2070, word.range)
      }
      if let part = word.flatParts.first(where: { $0.isWritten }) { report(2157, part.range, text) }
      if word.endsInGrep { report(2143, place, text) }
    case "-eq", "-ne", "-lt", "-le", "-gt", "-ge":
      guard isBinary, case .word(let left) = elements[index - 1], case .word(let right)? = next else { break }
      for word in [left, right] {
        if word.isDecimal { report(2072, word.range) }
        if !isDouble, !word.writtenText.utf8.allSatisfy({ $0.isASCIIDigit || "+-. ".utf8.contains($0) }) {
          report(2170, word.range, text)
        }
      }
    default: break
    }
    if isBinary, text == "=" || text == "==" || text == "!=", case .word(let left) = elements[index - 1],
      case .word(let right)? = next
    {
      if left.startsWithX, right.startsWithX { report(2268, left.range) }
      if !isDouble, right.hasGlob { report(2081, right.range) }
      if isDouble, right.parts.count == 1, case .parameter = right.parts[0].kind { report(2053, right.range) }
    }
  }

  private static let comparisons: Set<String> = [
    "=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge",
  ]

  /// Whether a word is a number, or most likely one.
  private func isNumber(_ word: ShellWord) -> Bool {
    if word.parts.count == 1, case .arithmetic = word.parts[0].kind { return true }
    if let parameter = word.onlyParameter, parameter.prefix.isEmpty {
      // What is set outside of the script counts as a number, as ShellCheck gets it.
      return known.contains(parameter.name) && uses.assigned[parameter.name] == nil
    }
    return word.literalText?.utf8.allSatisfy { $0.isASCIIDigit } ?? false
  }

  /// `[ $? -eq 0 ]`, and nothing else in it.
  private mutating func checkStatus(_ elements: [ShellTest.Element]) {
    var rest = elements[...]
    while case .operator("!", _)? = rest.first { rest = rest.dropFirst() }
    guard rest.count == 3, let first = rest.first, let last = rest.last, case .word(let left) = first,
      case .word(let right) = last
    else { return }
    for (status, zero) in [(left, right), (right, left)] {
      guard let parameter = status.onlyParameter, parameter.name == "?", zero.literalText == "0" else {
        continue
      }
      report(2181, status.range)
      return
    }
  }

  /// A word that is there by itself, so that the question is whether it is empty.
  private mutating func checkNullary(_ word: ShellWord) {
    if word.endsInGrep { report(2143, word.range, "-n") }
    guard word.literalText == nil || word.parts.isEmpty else {
      switch word.literalText {
      case "false": report(2158, word.range)
      case "0": report(2159, word.range)
      case "true": report(2160, word.range)
      case "1": report(2161, word.range)
      default: report(2078, word.range)
      }
      return
    }
    if let part = word.parts.first(where: { $0.constantText?.contains("=") ?? false }) {
      report(2077, part.range)
    } else if let part = word.flatParts.first(where: { $0.isWritten }) {
      report(2157, part.range)
    }
  }

  /// Whether the `-a` or `-o` at an index stands between two expressions; a `-a` that does not is an old form of `-e`.
  private static func joins(_ elements: [ShellTest.Element], _ index: Int) -> Bool {
    guard index > 0 else { return false }
    switch elements[index - 1] {
    case .word: return true
    case .operator(let text, _): return text == ")"
    }
  }

  /// Expressions that are always true or always false.
  private mutating func checkConstants(_ elements: [ShellTest.Element], _ isDouble: Bool) {
    for index in elements.indices {
      guard case .word(let word) = elements[index] else { continue }
      let before = index > 0 ? elements[index - 1] : nil
      let after = index + 1 < elements.count ? elements[index + 1] : nil
      if case .operator(let text, let place)? = after, Self.comparisons.contains(text),
        index + 2 < elements.count,
        case .word(let right) = elements[index + 2]
      {
        if word.isConstant, right.isConstant, !isDouble || !text.hasPrefix("-") { report(2050, place, text) }
        continue
      }
      if case .operator(let text, _)? = before {
        guard ["!", "(", "&&", "||", "-a", "-o"].contains(text) else { continue }
        if text == "-a", !Self.joins(elements, index - 1) { continue }
      } else if before != nil {
        continue
      }
      if case .operator(let text, _)? = after {
        guard [")", "&&", "||", "-a", "-o"].contains(text) else { continue }
      } else if after != nil {
        continue
      }
      checkNullary(word)
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

  /// The parts, those in double quotes instead of the quotes.
  var flatParts: [Part] {
    parts.flatMap { part -> [Part] in
      if case .doubleQuoted(let inner, _) = part.kind { inner } else { [part] }
    }
  }

  /// Whether the word is the output of a pipeline whose last command is a grep.
  var endsInGrep: Bool {
    let flat = flatParts
    guard flat.count == 1, parts.count == 1, case .command(let list) = flat[0].kind,
      let name = list.onlyPipeline?.commands.last?.commandName
    else { return false }
    let programs: Set<Substring> = [
      "grep", "egrep", "fgrep", "bz3grep", "bzgrep", "xzgrep", "zgrep", "zipgrep", "zstdgrep",
    ]
    return programs.contains(name)
  }

  /// Whether the word is a number with a point.
  var isDecimal: Bool {
    guard let text = literalText else { return false }
    let sides = text.drop { $0 == "-" || $0 == "+" }.split(separator: ".", omittingEmptySubsequences: false)
    return sides.count == 2 && sides.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0.isASCIIDigit } }
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

extension ShellWord.Part {
  /// Whether it is text, and not empty.
  fileprivate var isWritten: Bool { constantText.map { !$0.isEmpty } ?? false }

  /// The text of a part without expansions.
  fileprivate var constantText: String? {
    switch kind {
    case .literal(let text), .singleQuoted(let text), .ansiQuoted(let text): return text
    case .doubleQuoted(let inner, _):
      var result = ""
      for part in inner {
        guard case .literal(let text) = part.kind else { return nil }
        result += text
      }
      return result
    default: return nil
    }
  }
}
