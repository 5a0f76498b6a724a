public import SourceText

/// What is written: a Dockerfile as a lossless syntax tree.
///
/// The tokens tile the file; the nodes hold ranges only and own no text. The grammar is that of BuildKit's
/// `frontend/dockerfile/parser` (August 2026), tolerant of errors: an instruction that it refuses is kept with what can be
/// recognised of it, the error stands in ``errors``, and the next instruction is parsed as if nothing had happened.
public struct SyntaxTree: Sendable {
  /// The file.
  public let source: Source
  /// Every byte of the file, in order.
  public let tokens: [Token]
  /// The instructions in the order of the file.
  public let instructions: [InstructionSyntax]
  /// The instructions inside ONBUILD; ``InstructionSyntax/trigger`` is an index into them.
  public let triggers: [InstructionSyntax]
  /// The parser directives, in order.
  public let directives: [DirectiveSyntax]
  /// What the grammar refuses, in the order of the file.
  public let errors: [SyntaxError]
  /// The escape character: a backslash, or a backtick by directive.
  public let escape: UInt8

  let arguments: [ArgumentSyntax]
  let flags: [FlagSyntax]
  let heredocs: [HeredocSyntax]

  /// Parses a file. It never fails: errors are part of the tree.
  ///
  /// Time and memory are linear in the size of the file.
  public static func parse(_ source: Source) -> SyntaxTree {
    var parser = Parser()
    parser.parse(source.bytes.span)
    return SyntaxTree(source: source, parser: parser)
  }

  /// Parses a file as ``parse(_:)`` does, but a here-document that nothing ends has no body: the next line is an instruction.
  package static func parseWithoutOpenHeredocs(_ source: Source) -> SyntaxTree {
    var parser = Parser()
    parser.openHeredocsAreEmpty = true
    parser.parse(source.bytes.span)
    return SyntaxTree(source: source, parser: parser)
  }

  private init(source: Source, parser: consuming Parser) {
    self.source = source
    tokens = parser.tokens
    instructions = parser.instructions
    triggers = parser.triggers
    directives = parser.directives
    errors = parser.errors.sorted { $0.range < $1.range }
    escape = parser.escape
    arguments = parser.arguments
    flags = parser.flags
    heredocs = parser.heredocs
  }

  /// The arguments of an instruction.
  public func arguments(of node: InstructionSyntax) -> ArraySlice<ArgumentSyntax> {
    arguments[Int(node.arguments.lower)..<Int(node.arguments.upper)]
  }

  /// The flags of an instruction, as written.
  public func flags(of node: InstructionSyntax) -> ArraySlice<FlagSyntax> {
    flags[Int(node.flags.lower)..<Int(node.flags.upper)]
  }

  /// The here-documents of an instruction.
  public func heredocs(of node: InstructionSyntax) -> ArraySlice<HeredocSyntax> {
    heredocs[Int(node.heredocs.lower)..<Int(node.heredocs.upper)]
  }

  /// The instruction inside an ONBUILD.
  public func trigger(of node: InstructionSyntax) -> InstructionSyntax? {
    node.trigger >= 0 ? triggers[Int(node.trigger)] : nil
  }

  /// The bytes of the token at an index.
  public func range(ofToken index: Int) -> ByteRange {
    ByteRange(
      tokens[index].start,
      index + 1 < tokens.count
        ? tokens[index + 1].start : UInt32(truncatingIfNeeded: source.bytes.count))
  }

  /// The index of the token that holds an offset of the file; nil in an empty file.
  public func tokenIndex(at offset: UInt32) -> Int? {
    guard !tokens.isEmpty else { return nil }
    var low = 0
    var high = tokens.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if tokens[middle].start <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The text of a range as the grammar reads it: without the continuations, comment lines and blank lines in it.
  ///
  /// This is the text that BuildKit's parser works on; quotes, escapes and variables are as written.
  public func cooked(_ range: ByteRange) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    forEachPiece(of: range) { result.append(contentsOf: source.bytes(in: $0)) }
    return result
  }

  /// The same with the way back to the file.
  public func cookedText(_ range: ByteRange) -> CookedText {
    var result = CookedText(capacity: range.count)
    forEachPiece(of: range) { result.append($0, of: source) }
    return result
  }

  private func forEachPiece(of range: ByteRange, _ body: (ByteRange) -> Void) {
    guard !range.isEmpty, var index = tokenIndex(at: range.lower) else { return }
    // Between a continuation and the next line that counts, everything is trivia, line ends and blanks included.
    var skipping = false
    while index < tokens.count, tokens[index].start < range.upper {
      let piece = self.range(ofToken: index)
      switch tokens[index].kind {
      case .continuation: skipping = true
      case .newline: break
      case .comment, .byteOrderMark: break
      case .space where skipping && continuesAfterBlank(index): break
      default:
        skipping = false
        body(ByteRange(max(piece.lower, range.lower), min(piece.upper, range.upper)))
      }
      index += 1
    }
  }

  /// Whether a space token stands on a line of its own or before a comment: then it is no part of the text.
  private func continuesAfterBlank(_ index: Int) -> Bool {
    guard index + 1 < tokens.count else { return false }
    let next = tokens[index + 1].kind
    return next == .newline || next == .comment
  }

  /// The text of an argument as the grammar reads it; strings of the exec form still have their quotes.
  public func cooked(_ argument: ArgumentSyntax) -> [UInt8] {
    argument.isContiguous ? Array(source.bytes(in: argument.range)) : cooked(argument.range)
  }

  /// The whole instruction as the grammar reads it, from the keyword to the last argument, without here-documents.
  public func cookedLine(of node: InstructionSyntax) -> [UInt8] {
    node.isContiguous ? Array(source.bytes(in: node.line)) : cooked(node.line)
  }

  /// The file, put together from its tokens: always the same bytes as ``source``.
  public func printed() -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(source.bytes.count)
    for index in tokens.indices { result.append(contentsOf: source.bytes(in: range(ofToken: index))) }
    return result
  }
}
