import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// A simple command: its words, its assignments, and what is known of the program.
  mutating func simple(_ command: ShellSimpleCommand, _ node: ShellCommandNode) {
    let text = command.words.first?.literalText
    let name = text.map { $0.utf8.contains(0x2F) ? String(command.commandName ?? "") : $0 }
    checkName(command, node)
    checkEmptyAssignments(command)
    checkOwnAssignments(command)
    for assignment in command.assignments {
      self.assignment(assignment, isLasting: command.words.isEmpty)
    }
    let known = name.flatMap { KnownCommand(name: $0) }
    let isPlainName = text == name
    if let name, text != nil { check(name, known, isPlainName: isPlainName, command, node) }
    let inner = known.map { Self.effectiveName(command, $0) } ?? name
    let allowsDollars = hasSingleQuotes && (inner.map { Self.readsDollars($0) } ?? false)
    let outer = (isSed, takesSets, setsDefaults)
    isSed = inner == "sed"
    setsDefaults = text == ":"
    takesSets = inner == "tr" || inner == "read"
    defer { (isSed, takesSets, setsDefaults) = outer }
    let words = command.words.span
    for index in words.indices {
      switch words[index] {
      case .word(let word):
        let isName = index == 0 && word.parts.count == 1 && word.parts[0].isQuotable
        self.word(word, isName ? .free : .argument, allowsDollars: allowsDollars, isName: index == 0)
      case .assignment(let assignment):
        self.declaration(assignment, name ?? "", allowsDollars: allowsDollars)
      }
    }
    redirections(of: node)
    if let text { effect(text, isPlainName ? known : nil, command) }
  }

  // MARK: Assignments

  private mutating func assignment(_ assignment: ShellAssignment, isLasting: Bool) {
    checkPattern(assignment)
    assignedValue(assignment, .free, keepsDollars(assignment.name))
    if assignment.appends { reportBashism(3024, ByteRange(assignment.range.lower, assignment.range.lower)) }
    if assignment.name == "PATH", !assignment.appends { checkPath(assignment, isLasting: isLasting) }
    if case .word(let word) = assignment.value, word.parts.count == 1,
      case .literal(let text) = word.parts[0].kind,
      Self.commonCommands.contains(text)
    {
      report(2209, assignment.range, text)
    }
    guard isLasting else { return }
    checkArray(assignment)
    if !assignment.appends, assignment.index.isEmpty, case .word(let word) = assignment.value,
      let parameter = word.onlyParameter, parameter.isUnchanged, parameter.name == assignment.name
    {
      report(2269, assignment.range, assignment.name)
    }
    uses.assign(assignment.name, assignment.nameRange)
    flow.set(assignment.name, value(of: assignment))
  }

  /// Follows which variables are arrays; one that is gets no text.
  private mutating func checkArray(_ assignment: ShellAssignment) {
    guard silence == 0 else { return }
    if case .array = assignment.value {
      arrays.insert(assignment.name)
    } else if !assignment.index.isEmpty {
      arrays.insert(assignment.name)
    } else if arrays.contains(assignment.name) {
      report(assignment.appends ? 2179 : 2178, assignment.range, assignment.name)
    }
  }

  /// A pattern as a value: an assignment expands none.
  private mutating func checkPattern(_ assignment: ShellAssignment) {
    guard case .word(let word) = assignment.value else { return }
    let isPattern = word.parts.contains { part in
      switch part.kind {
      case .glob, .extendedGlob, .braces: true
      default: false
      }
    }
    if isPattern { report(2125, word.range) }
  }

  /// A value of PATH without what every PATH has.
  private mutating func checkPath(_ assignment: ShellAssignment, isLasting: Bool) {
    guard case .word(let word) = assignment.value else { return }
    for part in word.parts {
      switch part.kind {
      case .singleQuoted(let text): if text.contains("~") { report(2147, assignment.range) }
      case .doubleQuoted(let inner, _):
        let hasTilde = inner.contains {
          if case .literal(let text) = $0.kind { text.contains("~") } else { false }
        }
        if hasTilde { report(2147, assignment.range) }
      default: continue
      }
    }
    let text = word.writtenText
    guard isLasting, !text.contains("/bin"), !text.contains("/sbin"), !text.contains(":") else { return }
    if text.contains("/") || word.literalText != nil { report(2123, assignment.range) }
  }

  /// `A= b`: a blank that is one too many.
  private mutating func checkEmptyAssignments(_ command: ShellSimpleCommand) {
    guard silence == 0 else { return }
    for (index, assignment) in command.assignments.enumerated() {
      let hasMore = index + 1 < command.assignments.count || !command.words.isEmpty
      guard hasMore, case .empty = assignment.value, assignment.name != "IFS", !assignment.appends else {
        continue
      }
      report(1007, ByteRange(assignment.range.upper, assignment.range.upper + 1), assignment.name)
    }
  }

  private func keepsDollars(_ name: String) -> Bool {
    name == "PS1" || name == "PS2" || name == "PS3" || name == "PS4" || name == "PROMPT_COMMAND"
  }

  private func value(of assignment: ShellAssignment) -> ValueFlow.Value {
    guard assignment.index.isEmpty else { return .any }
    let value: ValueFlow.Value
    switch assignment.value {
    case .empty: value = .empty
    case .word(let word): value = flow.value(word)
    case .array: value = .any
    }
    return assignment.appends && !flow.isClean(assignment.name) ? .any : value
  }

  private mutating func assignedValue(
    _ assignment: ShellAssignment, _ place: WordPlace, _ allowsDollars: Bool
  ) {
    parts(assignment.index, isQuoted: true, .free)
    switch assignment.value {
    case .empty: break
    case .word(let word): self.word(word, place, allowsDollars: allowsDollars)
    case .array(let elements):
      let open = assignment.nameRange.upper + (assignment.appends ? 2 : 1)
      reportBashism(3030, ByteRange(min(open, assignment.range.upper), assignment.range.upper))
      array(elements)
    }
  }

  private mutating func array(_ elements: [ShellAssignment.Element]) {
    for element in elements {
      parts(element.index, isQuoted: true, .free)
      switch element.value {
      case .empty: break
      case .word(let word):
        self.word(word, .free)
        for part in word.parts {
          switch part.kind {
          case .parameter(let parameter):
            if parameter.prefix != "#", !flow.isClean(parameter) { report(2206, part.range) }
          case .command, .backquoted: report(2207, part.range)
          default: break
          }
        }
      case .array(let inner): array(inner)
      }
    }
  }

  /// An assignment behind `export` and its like.
  private mutating func declaration(_ assignment: ShellAssignment, _ name: String, allowsDollars: Bool) {
    if assignment.hasSubstitution { report(2155, assignment.nameRange, assignment.name) }
    checkPattern(assignment)
    // To bash it is an assignment, to a POSIX shell an argument like any other.
    assignedValue(assignment, isPortable ? .argument : .free, allowsDollars || keepsDollars(assignment.name))
    if assignment.appends { reportBashism(3024, assignment.nameRange) }
    checkArray(assignment)
    if name == "export" {
      uses.declare(assignment.name)
    } else {
      uses.assign(assignment.name, assignment.nameRange)
    }
    flow.set(assignment.name, value(of: assignment))
  }

  // MARK: Effects

  /// What a command does to variables and to the script.
  private mutating func effect(_ text: String, _ name: KnownCommand?, _ command: ShellSimpleCommand) {
    let arguments = command.words.dropFirst()
    switch name {
    case .exit, .return:
      flow.die()
      if arguments.count > 1, let first = arguments.first {
        report(2241, first.range.union(arguments.last?.range ?? first.range))
      }
    case .exec: if arguments.contains(where: { !$0.startsWithDash }) { flow.die() }
    case .read, .mapfile, .readarray, .getopts:
      for argument in name == .getopts ? arguments.dropFirst() : arguments where !argument.startsWithDash {
        guard let variable = argument.literalText, variable.isVariableName else { continue }
        uses.assign(variable, argument.range)
        flow.set(variable, .any)
        // What stands behind one of the other letters is its value.
        let takesArray = arguments.contains { argument in
          argument.startsWithDash && argument.prefix.prefix { !"pdnNtui".contains($0) }.contains("a")
        }
        if silence == 0, takesArray || name == .mapfile || name == .readarray {
          arrays.insert(variable)
        }
      }
    case .export, .readonly, .local, .declare, .typeset:
      for argument in arguments where !argument.startsWithDash {
        guard case .word = argument, let variable = argument.literalText, variable.isVariableName else {
          continue
        }
        if name == .export || arguments.contains(where: { $0.hasFlag("x", []) }) { uses.refer(variable) }
        if arguments.contains(where: { $0.hasFlag("fFp", []) }) || name == .export {
          if name != .export || !known.contains(variable) { uses.declare(variable) }
        } else {
          uses.assign(variable, argument.range)
        }
        if silence == 0, arguments.contains(where: { $0.hasFlag("aA", []) }) { arrays.insert(variable) }
        if name == .local || name == .declare || name == .typeset { flow.set(variable, .any) }
      }
    case .unset:
      for argument in arguments {
        guard let variable = argument.literalText, variable.isVariableName else { continue }
        uses.declare(variable)
        flow.set(variable, .any)
      }
    case .printf:
      let words = Array(arguments)
      if words.count > 1, words[0].literalText == "-v", let variable = words[1].literalText {
        uses.assign(variable, words[1].range)
        flow.set(variable, .any)
      }
    case .let:
      for argument in arguments {
        let text = argument.prefix.utf8
        let variable = String(decoding: text.prefix { $0.isVariableByte }, as: UTF8.self)
        let rest = text.dropFirst(variable.utf8.count).drop { $0 == 0x20 }
        guard variable.isVariableName else { continue }
        if rest.first == 0x3D, rest.dropFirst().first != 0x3D {
          uses.assign(variable, argument.range)
          for name in rest.split(whereSeparator: { !$0.isVariableByte }) {
            let name = String(decoding: name, as: UTF8.self)
            if name.isVariableName { uses.protect(name) }
          }
        } else {
          uses.declare(variable)
        }
      }
    case .trap, .eval:
      break
    default: call(text)
    }
  }

  /// Whether the script has a `set -e` anywhere.
  func setsErrexit() -> Bool {
    var isSet = false
    script.walk { node in
      guard !isSet else { return false }
      guard case .command(let command) = node, let simple = command.simple,
        simple.words.first?.literalText == "set"
      else { return true }
      var isOption = false
      for argument in simple.words.dropFirst() {
        guard let text = argument.literalText else { continue }
        if isOption, text == "errexit" { isSet = true }
        isOption = text.hasPrefix("-") && text.hasSuffix("o")
        if text.hasPrefix("-"), !text.hasPrefix("--"), text.utf8.contains(0x65) { isSet = true }
      }
      return true
    }
    return isSet
  }

  // MARK: Names

  /// The program that single quotes are meant for: behind `sudo`, and with the subcommand where that matters.
  private static func effectiveName(_ command: ShellSimpleCommand, _ name: KnownCommand) -> String {
    switch name {
    case .command, .exec, .builtin, .busybox:
      let next = command.words.dropFirst().first { !$0.startsWithDash }
      return next?.literalText.map { $0.split(separator: "/").last.map { String($0) } ?? $0 } ?? name.rawValue
    case .find:
      return command.words.contains { $0.literalText == "-exec" || $0.literalText == "-execdir" }
        ? "sh" : name.rawValue
    case .git:
      return command.words.contains { $0.literalText == "filter-branch" } ? "sh" : name.rawValue
    default: return name.rawValue
    }
  }

  /// Whether a program gets `$x` in single quotes on purpose.
  private static func readsDollars(_ name: String) -> Bool {
    switch name {
    case "trap", "sh", "bash", "ksh", "zsh", "ssh", "eval", "xprop", "alias", "sudo", "docker", "podman",
      "oc",
      "dpkg-query", "jq", "rename", "rg", "unset", "perl":
      true
    default: name.hasSuffix("awk") || name.hasPrefix("perl")
    }
  }
}

extension ShellAssignment {
  /// Whether a command gives the value, or a part of it.
  fileprivate var hasSubstitution: Bool {
    guard case .word(let word) = value else { return false }
    return word.parts.contains { part in
      switch part.kind {
      case .command, .backquoted: true
      case .doubleQuoted(let inner, _):
        inner.contains { inner in
          switch inner.kind {
          case .command, .backquoted: true
          default: false
          }
        }
      default: false
      }
    }
  }
}

extension String {
  /// Whether a variable can have the name.
  var isVariableName: Bool {
    guard let first = utf8.first, !first.isASCIIDigit else { return false }
    return utf8.allSatisfy { $0.isVariableByte }
  }
}
