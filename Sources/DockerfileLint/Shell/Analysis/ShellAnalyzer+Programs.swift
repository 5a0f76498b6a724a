import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// Names that are most likely something else.
  mutating func checkName(_ command: ShellSimpleCommand, _ node: ShellCommandNode) {
    guard silence == 0, let first = command.words.first, case .word(let word) = first else { return }
    if let text = word.literalText {
      switch text.utf8.first {
      case UInt8(ascii: "-"): report(2215, word.range)
      case UInt8(ascii: "="): report(2275, ByteRange(word.range.lower, word.range.lower + 1))
      case nil: report(2286, word.range)
      default: break
      }
    }
    if word.hasGlob { report(2211, word.range) }
    checkEquals(word)
    if case .literal(let text)? = word.parts.last?.kind, let last = text.utf8.last,
      word.parts.count > 1 || text.utf8.count > 1 || last == UInt8(ascii: "%") || last == UInt8(ascii: "/")
    {
      switch last {
      case UInt8(ascii: "/"): report(2287, word.range, "/")
      case UInt8(ascii: "%"), UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "{"),
        UInt8(ascii: "#"), UInt8(ascii: "."), UInt8(ascii: "\""):
        report(2288, word.range, String(decoding: [last], as: UTF8.self))
      default: break
      }
    }
    if let parameter = word.parts.first, word.parts.count == 1 {
      switch parameter.kind {
      case .command: if command.words.count == 1, command.assignments.isEmpty { report(2091, word.range) }
      case .backquoted: if command.words.count == 1, command.assignments.isEmpty { report(2092, word.range) }
      default: break
      }
    }
    if command.words.count > 1, case .word(let second) = command.words[1] {
      guard case .literal(let text)? = second.parts.first?.kind, text.utf8.first == UInt8(ascii: "=") else {
        return
      }
      if text.hasPrefix("==") {
        report(2284, node.wordsRange)
      } else {
        report(2283, second.range)
      }
    }
  }

  /// What is known of single programs.
  mutating func check(
    _ name: String, _ known: KnownCommand?, isPlainName: Bool, _ command: ShellSimpleCommand,
    _ node: ShellCommandNode
  ) {
    guard silence == 0, !command.words.isEmpty else { return }
    let arguments = Array(command.words.dropFirst())
    checkReserved(arguments)
    if let known {
      if isPlainName || known == .echo { builtinBashisms(known, arguments, node) }
      program(known, isPlainName: isPlainName, command, arguments, node)
      checkMisuse(known, arguments, node)
    }
    if known != .echo, known != .printf, name != "[" { patterns(arguments) }
  }

  private mutating func program(
    _ name: KnownCommand, isPlainName: Bool, _ command: ShellSimpleCommand,
    _ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode
  ) {
    guard let first = command.words.first else { return }
    switch name {
    case .cd, .pushd, .popd: if isPlainName { changeOfDirectory(name, arguments, node) }
    case .egrep:
      report(
        2196, first.range, changes: [ShellFinding.Change(range: first.range, text: "grep -E")],
        isSafe: isPlainName)
    case .fgrep:
      report(
        2197, first.range, changes: [ShellFinding.Change(range: first.range, text: "grep -F")],
        isSafe: isPlainName)
    case .echo: echo(arguments, node)
    case .printf: printf(arguments)
    case .read:
      let hasRaw = arguments.contains { $0.startsWithDash && ($0.literalText?.utf8.contains(0x72) ?? false) }
      if !hasRaw, isPlainName { report(2162, first.range) }
    case .mkdir: mkdir(arguments)
    case .find: find(command, arguments, node)
    case .tr: tr(arguments)
    case .grep: grepPattern(arguments)
    case .rm: rm(arguments)
    case .xargs: xargs(arguments)
    case .expr:
      if let operation = arguments.first(where: { ["length", "substr"].contains($0.literalText ?? "") }) {
        report(2308, operation.range)
      } else if !arguments.contains(where: {
        [":", "<", ">", "<=", ">=", "match", "index"].contains($0.literalText ?? "")
      }) {
        report(2003, first.range)
      }
    case .sudo:
      for redirection in node.redirections {
        guard redirection.kind == .output || redirection.kind == .append, redirection.descriptor.isEmpty,
          let target = redirection.target?.literalText, !target.hasPrefix("/dev/")
        else { continue }
        report(
          2024,
          ByteRange(
            redirection.range.lower, redirection.range.lower + UInt32(redirection.kind.rawValue.utf8.count)))
      }
    default: break
    }
  }

  /// A reserved word among the arguments: the `;` before it is missing, most likely.
  private mutating func checkReserved(_ arguments: [ShellSimpleCommand.Argument]) {
    for argument in arguments {
      guard case .word(let word) = argument, (2...4).contains(word.range.count), word.parts.count == 1,
        case .literal(let text) = word.parts[0].kind,
        text.utf8.count == word.range.count
      else { continue }
      switch text.utf8.first {
      case UInt8(ascii: "d"), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "e"):
        if ["do", "done", "then", "fi", "esac"].contains(text) { report(1010, word.range, text) }
      default: break
      }
    }
  }

  /// `-i` among the options, read as `xargs` reads them; words that it does not know end the search.
  mutating func xargs(_ arguments: [ShellSimpleCommand.Argument]) {
    var old: [ShellSimpleCommand.Argument] = []
    var rest = arguments[...]
    options: while let argument = rest.popFirst() {
      guard argument.startsWithDash else { break }
      let text = argument.prefix
      if text == "-" || text == "--" { break }
      var letters = text.utf8.dropFirst()
      while let letter = letters.popFirst() {
        if "0oprtxad".utf8.contains(letter) { continue }
        guard "RSJLlnPseEiI".utf8.contains(letter) else { return }
        if letter == UInt8(ascii: "i") { old.append(argument) }
        let hasMore = !letters.isEmpty || argument.literalText == nil
        if !hasMore, rest.popFirst() == nil { return }
        continue options
      }
    }
    for argument in old {
      // Behind the letter may stand the text to replace.
      let changes =
        argument.literalText == "-i" ? [ShellFinding.Change(range: argument.range, text: "-I{}")] : []
      report(2267, argument.range, changes: changes, isSafe: true)
    }
  }

  private mutating func changeOfDirectory(
    _ name: KnownCommand, _ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode
  ) {
    guard !isChecked, !stopsOnError else { return }
    if name != .cd, arguments.contains(where: { $0.literalText == "-n" }) { return }
    if let text = arguments.first?.literalText, arguments.count == 1, !text.isEmpty,
      text.split(separator: "/").allSatisfy({ $0 == "." || $0 == ".." }), name == .cd || text.contains(".")
    {
      return
    }
    let end = node.wordsRange.upper
    let isAlone = !isPiped && node.redirections.isEmpty
    report(
      2164, node.wordsRange, name.rawValue,
      changes: isAlone ? [ShellFinding.Change(range: ByteRange(end, end), text: " || exit 1")] : [])
  }

  /// Patterns whose first character is a wildcard, so that a file `-x` becomes an option.
  private mutating func patterns(_ arguments: [ShellSimpleCommand.Argument]) {
    guard arguments.contains(where: \.startsWithGlob) else { return }
    var hasEnd = false
    for argument in arguments {
      if argument.literalText == "--" { hasEnd = true }
      guard !hasEnd, case .word(let word) = argument, let first = word.parts.first,
        case .glob(let text) = first.kind, text == "*" || text == "?"
      else { continue }
      report(
        2035, first.range,
        changes: [ShellFinding.Change(range: ByteRange(first.range.lower, first.range.lower), text: "./")])
    }
  }

  private mutating func echo(_ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode) {
    let isInterpreting = arguments.contains { argument in
      guard let text = argument.literalText, text.hasPrefix("-"), text.utf8.count > 1 else { return false }
      return text.dropFirst().allSatisfy { "neE".contains($0) } && text.contains("e")
    }
    if !isInterpreting {
      for argument in arguments {
        guard case .word(let word) = argument, Self.hasEscape(word.parts) else { continue }
        report(2028, argument.range)
      }
    }
    if arguments.count == 1, case .word(let word) = arguments[0], !arguments[0].startsWithDash {
      var parts = word.parts
      if parts.count == 1, case .doubleQuoted(let inner, _) = parts[0].kind { parts = inner }
      if parts.count == 1 {
        switch parts[0].kind {
        case .command(let list), .backquoted(let list, _):
          if let only = list.onlyNode, only.redirections.isEmpty || only.simple?.words.isEmpty == false {
            report(2005, word.range)
          } else if list.onlyNode == nil {
            report(2005, word.range)
          }
        default: break
        }
      }
    }
    if arguments.count > 1 {
      for (left, right) in zip(arguments, arguments.dropFirst()) {
        let gap = Int(left.range.upper)..<Int(right.range.lower)
        guard gap.upperBound <= script.text.count, script.text[gap].allSatisfy({ $0 == 0x20 || $0 == 0x09 }),
          gap.count > 3 || script.text[gap].contains(0x09), left.literalText != nil, right.literalText != nil,
          gap.upperBound > gap.lowerBound
        else { continue }
        report(2291, node.wordsRange)
        break
      }
    }
  }

  private static func hasEscape(_ parts: [ShellWord.Part]) -> Bool {
    for part in parts {
      switch part.kind {
      case .literal(let text), .singleQuoted(let text):
        let bytes = Array(text.utf8)
        for index in bytes.indices.dropLast() where bytes[index] == 0x5C {
          switch bytes[index + 1] {
          case 0x61, 0x62, 0x65, 0x66, 0x6E, 0x72, 0x74, 0x76, 0x78, 0x30: return true
          default: continue
          }
        }
      case .doubleQuoted(let inner, _): if hasEscape(inner) { return true }
      default: continue
      }
    }
    return false
  }

  private mutating func printf(_ arguments: [ShellSimpleCommand.Argument]) {
    var arguments = arguments[...]
    if arguments.first?.literalText == "--" { arguments = arguments.dropFirst() }
    if arguments.first?.literalText == "-v" { arguments = arguments.dropFirst(2) }
    guard case .word(let format)? = arguments.first else { return }
    if isPortable, format.literalText?.contains("%q") ?? false { report(3050, format.range) }
    guard let text = format.literalText else {
      if !format.parts.contains(where: { if case .literal("%") = $0.kind { true } else { false } }) {
        report(2059, format.range)
      }
      return
    }
    let rest = arguments.dropFirst()
    guard !rest.isEmpty || text.contains("%") else { return }
    guard let count = Self.variables(inFormat: Array(text.utf8)) else { return }
    if count == 0 {
      if !rest.isEmpty { report(2182, format.range) }
    } else if !rest.contains(where: { $0.word?.mayBecomeSeveral ?? false }),
      rest.isEmpty || rest.count % count != 0
    {
      report(2183, format.range, "\(count)")
    }
  }

  /// How many arguments a format takes; nil when it has a time in it, which needs none.
  private static func variables(inFormat bytes: [UInt8]) -> Int? {
    var count = 0
    var index = 0
    while index < bytes.count {
      defer { index += 1 }
      guard bytes[index] == 0x25 else { continue }
      index += 1
      if index < bytes.count, bytes[index] == 0x25 { continue }
      // Flags, width and precision: a star is an argument of its own.
      while index < bytes.count, "-+ #0'*.123456789".utf8.contains(bytes[index]) {
        if bytes[index] == 0x2A { count += 1 }
        index += 1
      }
      if index < bytes.count, bytes[index] == 0x28 { return nil }
      count += 1
    }
    return count
  }

  private mutating func mkdir(_ arguments: [ShellSimpleCommand.Argument]) {
    func has(_ letter: UInt8, _ long: String, _ argument: ShellSimpleCommand.Argument) -> Bool {
      guard let text = argument.literalText, text.hasPrefix("-") else { return false }
      if text.hasPrefix("--") { return text.split(separator: "=").first.map { $0 == long } ?? false }
      return text.utf8.dropFirst().contains(letter)
    }
    guard let mode = arguments.first(where: { has(0x6D, "--mode", $0) }),
      arguments.contains(where: { has(0x70, "--parents", $0) })
    else { return }
    let paths = arguments.filter { !$0.startsWithDash }
    guard paths.contains(where: { $0.isNestedPath }) else { return }
    report(2174, mode.range)
  }

  private mutating func find(
    _ command: ShellSimpleCommand, _ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode
  ) {
    var index = 0
    while index < arguments.count, let text = arguments[index].literalText,
      ["-H", "-L", "-P", "-D"].contains(text) || text.hasPrefix("-O")
    {
      index += 1
    }
    let isWithoutPath =
      index >= arguments.count || (arguments[index].literalText?.hasPrefix("-") ?? false)
      || arguments[index].literalText == "(" || arguments[index].literalText == "!"
    if isWithoutPath,
      !arguments.contains(where: {
        $0.literalText == "--help" || $0.literalText == "--version" || $0.literalText == "-files0-from"
      }), let first = command.words.first
    {
      report(2185, first.range)
    }
    for (option, value) in zip(arguments, arguments.dropFirst()) {
      guard let text = option.literalText,
        ["-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-iregex"].contains(text),
        value.hasPattern
      else { continue }
      report(
        2061, value.range,
        changes: [
          ShellFinding.Change(range: ByteRange(value.range.lower, value.range.lower), text: "\""),
          ShellFinding.Change(range: ByteRange(value.range.upper, value.range.upper), text: "\""),
        ], isSafe: false)
    }
    checkFind(arguments, node)
  }
}

extension ShellSimpleCommand.Argument {
  /// Whether the argument starts with a wildcard, or with another pattern.
  fileprivate var startsWithGlob: Bool {
    guard case .word(let word) = self, case .glob? = word.parts.first?.kind else { return false }
    return true
  }

  /// Whether a path has several levels.
  fileprivate var isNestedPath: Bool {
    guard case .word(let word) = self else { return false }
    var text = ""
    func add(_ parts: [ShellWord.Part]) {
      for part in parts {
        switch part.kind {
        case .literal(let piece), .singleQuoted(let piece), .ansiQuoted(let piece), .glob(let piece):
          text += piece
        case .doubleQuoted(let inner, _): add(inner)
        default: text += "x"
        }
      }
    }
    add(word.parts)
    let bytes = Array(text.utf8)
    // A slash with something on both of its sides, that is no `../`.
    var index = 1
    while index < bytes.count - 1 {
      if bytes[index] == 0x2F, bytes[index - 1] != 0x2E, bytes[index - 1] != 0x2F, bytes[index + 1] != 0x2F {
        return true
      }
      index += 1
    }
    return false
  }
}
