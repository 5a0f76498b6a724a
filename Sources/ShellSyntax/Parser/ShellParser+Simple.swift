import SourceText

extension ShellParser {
  /// Assignments, a name, arguments and redirections in any number; nil when there is none of them.
  mutating func simpleCommand() -> ShellCommandNode? {
    let start = index
    var end = start
    var command = ShellSimpleCommand(assignments: [], words: [])
    var redirections: [ShellRedirection] = []
    while !isAtEnd {
      if let redirection = redirection() {
        redirections.append(redirection)
      } else if let assignment = assignment() {
        command.assignments.append(assignment)
      } else {
        break
      }
      end = index
      skipBlanks()
    }
    rejectDirective()
    guard let first = word() else {
      guard end > start else { return nil }
      return ShellCommandNode(range: range(start, end), kind: .simple(command), redirections: redirections)
    }
    let name = first.plainText
    if name == "time", command.assignments.isEmpty, redirections.isEmpty { return timed(first.range) }
    command.words.reserveCapacity(6)
    command.words.append(.word(first))
    end = index
    skipBlanks()
    var takesAssignments = name.map(Self.isDeclaration) ?? false
    while !isAtEnd {
      if let redirection = redirection() {
        redirections.append(redirection)
      } else if takesAssignments, let assignment = assignment() {
        command.words.append(.assignment(assignment))
      } else {
        rejectDirective()
        guard let word = word() else { break }
        if command.words.count == 1, name == "builtin" {
          takesAssignments = word.plainText.map(Self.isDeclaration) ?? false
        }
        command.words.append(.word(word))
      }
      end = index
      skipBlanks()
    }
    return ShellCommandNode(range: range(start, end), kind: .simple(command), redirections: redirections)
  }

  private static func isDeclaration(_ name: String) -> Bool {
    // Most names are shorter, or end otherwise.
    guard name.utf8.count >= 5, let last = name.utf8.last, "etly".utf8.contains(last) else { return false }
    return name == "declare" || name == "export" || name == "local" || name == "readonly" || name == "typeset"
  }

  /// ShellCheck reads a directive inside a command as a comment, and then misses the word that has to follow.
  private mutating func rejectDirective() {
    guard isAtDirective else { return }
    fail(.misplacedDirective)
    take(.comment, to: lineEnd(from: index))
  }

  /// `time`, its options and a pipeline.
  private mutating func timed(_ keyword: ByteRange) -> ShellCommandNode {
    var node = ShellCommandNode(
      range: keyword, kind: .timed(keyword: keyword, options: [], nil), redirections: [])
    skipBlanks()
    var options: [ShellWord] = []
    while peek() == 0x2D, let option = word() {
      options.append(option)
      node.range = node.range.union(option.range)
      skipBlanks()
    }
    let pipeline = pipeline()
    if let pipeline {
      node.range = node.range.union(pipeline.range)
    } else if !options.isEmpty {
      fail(.missingCommand)
    }
    node.kind = .timed(keyword: keyword, options: options, pipeline)
    return node
  }

  // MARK: Redirections

  /// A redirection; nil when none starts here.
  mutating func redirection() -> ShellRedirection? {
    var next = index
    switch byte(next) {
    case 0x26: next += 1
    case 0x7B:
      next += 1
      guard byte(next).isNameStart else { return nil }
      while byte(next).isNamePart { next += 1 }
      guard byte(next) == 0x7D else { return nil }
      next += 1
    case 0x30...0x39:
      while byte(next).isASCIIDigit { next += 1 }
    case 0x3C, 0x3E: break
    default: return nil
    }
    guard let kind = redirectionOperator(next) else { return nil }
    let start = index
    let descriptor = string(start, next)
    take(.descriptor, to: next)
    take(.operator, count: kind.rawValue.utf8.count)
    skipBlanks()
    let targetStart = index
    let target = word()
    var redirection = ShellRedirection(
      range: range(from: start), descriptor: descriptor, kind: kind, target: target, heredoc: nil)
    guard target != nil else {
      fail(.missingOperand)
      redirection.range = range(start, next + kind.rawValue.utf8.count)
      return redirection
    }
    if kind == .heredoc || kind == .strippedHeredoc {
      redirection.heredoc = openHeredoc(from: targetStart, stripsTabs: kind == .strippedHeredoc)
    }
    return redirection
  }

  private func redirectionOperator(_ offset: Int) -> ShellRedirection.Operator? {
    let second = byte(offset + 1)
    switch byte(offset) {
    case 0x3C:
      switch second {
      case 0x28: return nil
      case 0x3C:
        return byte(offset + 2) == 0x3C ? .hereString : byte(offset + 2) == 0x2D ? .strippedHeredoc : .heredoc
      case 0x26: return .duplicateInput
      case 0x3E: return .inputOutput
      default: return .input
      }
    case 0x3E:
      switch second {
      case 0x28: return nil
      case 0x3E: return .append
      case 0x26: return .duplicateOutput
      case 0x7C: return .clobber
      default: return .output
      }
    default: return nil
    }
  }

  // MARK: Assignments

  /// An assignment; nil when none starts here.
  mutating func assignment() -> ShellAssignment? {
    guard peek().isNameStart else { return nil }
    let start = index
    var next = index
    while byte(next).isNamePart { next += 1 }
    let nameEnd = next
    var brackets: [(open: Int, close: Int)] = []
    while byte(next) == 0x5B, let close = indexEnd(next) {
      brackets.append((next, close))
      next = close + 1
    }
    let appends = byte(next) == 0x2B && byte(next + 1) == 0x3D
    if appends { next += 1 }
    guard byte(next) == 0x3D else { return nil }
    if byte(next + 1) == 0x3D, byte(next + 2) == 0x3D { return nil }
    take(.assignment, to: nameEnd)
    var parts: [ShellWord.Part] = []
    for bracket in brackets {
      take(.assignment, to: bracket.open + 1)
      indexParts(to: bracket.close, into: &parts)
      take(.assignment, to: bracket.close + 1)
    }
    take(.assignment, to: next + 1)
    return ShellAssignment(
      range: range(from: start), name: string(start, nameEnd), nameRange: range(start, nameEnd), index: parts,
      appends: appends, value: .empty
    ).with(value: assignedValue(), endingAt: place(index))
  }

  private mutating func assignedValue() -> ShellAssignment.Value {
    if isAtEnd || isAtLineEnd { return .empty }
    switch peek() {
    case 0x20, 0x09, 0x3B, 0x26, 0x7C, 0x29: return .empty
    case 0x5C where peek(1) == 0x0A: return .empty
    case _ where acceptsWideBlanks && wideBlank(index) > 0: return .empty
    case 0x28: return array()
    default:
      if let word = word() { return .word(word) }
      fail(.missingOperand)
      return .empty
    }
  }

  private mutating func array() -> ShellAssignment.Value {
    let start = index
    take(.assignment, count: 1)
    guard enter() else {
      leave()
      return .array([])
    }
    defer { leave() }
    skipLines()
    var elements: [ShellAssignment.Element] = []
    while !isAtEnd, peek() != 0x29 {
      var element = ShellAssignment.Element(index: [], value: .empty)
      if peek() == 0x5B, let close = indexEnd(index), byte(close + 1) == 0x3D {
        take(.assignment, count: 1)
        indexParts(to: close, into: &element.index)
        take(.assignment, count: 2)
        if peek() == 0x28 {
          element.value = array()
        } else if let word = word() {
          element.value = .word(word)
        }
      } else if peek() == 0x28 {
        element.value = array()
      } else if let word = word() {
        element.value = .word(word)
      } else {
        break
      }
      elements.append(element)
      skipLines()
    }
    if peek() == 0x29 { take(.assignment, count: 1) } else { fail(.unclosedGroup, from: start) }
    return .array(elements)
  }

  /// The offset of the `]` that closes the index of an array, if it is near.
  private func indexEnd(_ open: Int) -> Int? {
    var depth = 0
    var offset = open
    let last = min(end, open + Self.maximumIndexLength)
    while offset < last {
      switch bytes[offset] {
      case 0x5C: offset += 1
      case 0x5B: depth += 1
      case 0x5D:
        depth -= 1
        if depth == 0 { return offset }
      case 0x27, 0x22:
        let quote = bytes[offset]
        offset += 1
        while offset < last, bytes[offset] != quote {
          if quote == 0x22, bytes[offset] == 0x5C { offset += 1 }
          offset += 1
        }
      default: break
      }
      offset += 1
    }
    return nil
  }

  /// The parts of an index, in which blanks and operators stand for themselves.
  private mutating func indexParts(to close: Int, into parts: inout [ShellWord.Part]) {
    let outer = end
    end = close
    while !isAtEnd {
      if wordParts(into: &parts) { continue }
      let start = index
      take(.literal, count: 1)
      parts.append(ShellWord.Part(kind: .literal(string(start, index)), range: range(from: start)))
    }
    end = outer
    // A quote that runs over the bracket has been cut at it.
    take(.literal, to: close)
  }
}

extension ShellAssignment {
  fileprivate func with(value: Value, endingAt end: UInt32) -> ShellAssignment {
    var result = self
    result.value = value
    result.range = ByteRange(range.lower, max(end, range.upper))
    return result
  }
}

extension ShellWord {
  /// The text of a word that is entirely plain, without quotes and escapes that matter.
  var plainText: String? {
    guard parts.count == 1, case .literal(let text) = parts[0].kind else { return nil }
    return text
  }
}
