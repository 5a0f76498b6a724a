import ShellSyntax
import SourceText

extension ShellAnalyzer {
  mutating func checkRedirections(_ node: ShellCommandNode) {
    guard silence == 0 else { return }
    checkOrder(node)
    if node.redirections.count > 1 { checkCompeting(node.redirections) }
    for redirection in node.redirections {
      guard redirection.kind == .output || redirection.kind == .append || redirection.kind == .input,
        let target = redirection.target, let text = target.literalText, !text.isEmpty
      else { continue }
      if Self.commonCommands.contains(text), redirection.descriptor.isEmpty {
        report(2238, target.range, text)
      }
      guard text.utf8.allSatisfy({ $0.isASCIIDigit }) else { continue }
      report(2210, redirection.range)
    }
  }

  /// `2>&1 > file`: the errors go where the output went before.
  private mutating func checkOrder(_ node: ShellCommandNode) {
    guard captures == 0, node.redirections.count == 2 else { return }
    let (first, second) = (node.redirections[0], node.redirections[1])
    guard first.kind == .duplicateOutput, first.descriptor == "2", first.target?.literalText == "1",
      second.kind == .output || second.kind == .append, second.descriptor != "&"
    else { return }
    report(2069, first.range)
  }

  /// Programs and builtins of POSIX whose names are seldom meant as texts.
  static let commonCommands: Set<String> = [
    "at", "awk", "basename", "c99", "cat", "cd", "chmod", "chown", "cp", "cut", "date", "dd", "df", "diff",
    "dirname", "du", "echo", "env", "expr", "find", "grep", "head", "jobs", "kill", "link", "ln", "ls",
    "make",
    "mkdir", "more", "mv", "nice", "nohup", "printf", "ps", "pwd", "read", "rm", "sed", "set", "sh", "sleep",
    "sort", "tail", "tee", "test", "time", "touch", "tr", "uname", "wc", "who", "xargs",
  ]

  mutating func redirectionBashisms(_ redirection: ShellRedirection) {
    guard isPortable, silence == 0 else { return }
    let start = redirection.range.lower
    if redirection.heredoc == nil, let text = redirection.target?.writtenText,
      text.hasPrefix("/dev/tcp") || text.hasPrefix("/dev/udp")
    {
      report(3025, redirection.range)
    }
    let width = UInt32(redirection.descriptor.utf8.count + redirection.kind.rawValue.utf8.count)
    let sign = ByteRange(start, start + width)
    if redirection.kind == .hereString { report(3011, sign) }
    if redirection.descriptor == "&" { report(3020, redirection.range) }
    if redirection.descriptor.hasPrefix("{") { report(3022, redirection.range) }
    if let digit = redirection.descriptor.utf8.first, digit.isASCIIDigit,
      redirection.descriptor.utf8.count > 1
    {
      report(3023, redirection.range)
    }
    if redirection.kind == .duplicateOutput, redirection.descriptor.isEmpty, let target = redirection.target,
      let text = target.literalText, text != "-", !text.utf8.allSatisfy({ $0.isASCIIDigit || $0 == 0x2D })
    {
      report(3021, redirection.range)
    }
  }

  /// Several redirections of one stream: the last one wins.
  private mutating func checkCompeting(_ redirections: [ShellRedirection]) {
    for redirection in redirections {
      let streams = redirection.streams
      let isShared = redirections.contains { other in
        other.range != redirection.range && other.streams.contains { streams.contains($0) }
      }
      if isShared { report(2261, redirection.operatorRange) }
    }
  }

  /// Redirections that take the place of a pipe, so that nothing comes through it.
  ///
  /// Where a stream is a copy of another one, ShellCheck takes it that the author knows what goes where.
  mutating func checkReplacedPipes(_ pipeline: ShellPipeline) {
    for (index, node) in pipeline.commands.enumerated() where !node.redirections.isEmpty {
      if node.redirections.contains(where: \.isCopy) { continue }
      let isJoined = index < pipeline.pipes.count && pipeline.pipes[index].count == 2
      if index > 0 { checkReplaced("0", node, 2259) }
      if index + 1 < pipeline.commands.count, !isJoined { checkReplaced("1", node, 2260) }
    }
  }

  private mutating func checkReplaced(_ stream: String, _ node: ShellCommandNode, _ code: Int) {
    // Alone in its place of the pipe it is something else that is wrong.
    if stream == "0", node.redirectsNothing { return }
    guard let last = node.redirections.last(where: { $0.streams.contains(stream) }),
      !node.hasProcessSubstitution
    else { return }
    report(code, last.operatorRange)
  }
}

extension ShellRedirection {
  /// The streams that a file or a text takes the place of, by number.
  fileprivate var streams: [String] {
    switch kind {
    case .input, .heredoc, .strippedHeredoc, .hereString: [descriptor.isEmpty ? "0" : descriptor]
    case .output, .append, .clobber:
      descriptor == "&" ? ["1", "2"] : [descriptor.isEmpty ? "1" : descriptor]
    case .duplicateOutput: !isCopy && descriptor.isEmpty ? ["1", "2"] : []
    case .inputOutput, .duplicateInput: []
    }
  }

  /// Whether it makes a stream a copy of another one, or closes it.
  fileprivate var isCopy: Bool {
    guard kind == .duplicateInput || kind == .duplicateOutput else { return false }
    guard let text = target?.literalText else { return true }
    return text.utf8.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
  }

  /// The operator alone.
  fileprivate var operatorRange: ByteRange {
    let start = range.lower + UInt32(descriptor == "&" ? 0 : descriptor.utf8.count)
    let width = kind.rawValue.utf8.count + (descriptor == "&" ? 1 : 0)
    return ByteRange(start, start + UInt32(width))
  }
}

extension ShellCommandNode {
  /// Whether `<( )` or `>( )` stands among its words or redirections.
  fileprivate var hasProcessSubstitution: Bool {
    func isProcess(_ word: ShellWord?) -> Bool {
      word?.parts.contains { if case .process = $0.kind { true } else { false } } ?? false
    }
    return redirections.contains { isProcess($0.target) }
      || (simple?.words.contains { isProcess($0.word) } ?? false)
  }
}
