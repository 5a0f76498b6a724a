import DockerfileSyntax
import ShellSyntax
import SourceText

/// The text of a RUN that is to be read as a script, and what reads it.
struct ScriptText {
  var text: CookedText
  var dialect: ShellDialect

  /// The text that the shell is given, as BuildKit makes it.
  ///
  /// A lone here-document is the script itself, and a `#!` in it names what reads it. Otherwise the shell gets the line with
  /// all here-documents behind it.
  init(_ command: Word, heredocs: [HeredocSyntax], in tree: SyntaxTree, shell: ShellDialect) {
    let line = tree.cookedText(command.range)
    dialect = shell
    if heredocs.count == 1, ScriptText.isAll(line, heredocs[0]) {
      text = CookedText()
      text.appendLines(heredocs[0].body, of: tree.source, strippingTabs: heredocs[0].stripsTabs)
      if let interpreter = ShellDialect(shebangOf: text.bytes) { dialect = interpreter }
      return
    }
    text = line
    for heredoc in heredocs {
      text.append([0x0A], for: ByteRange(heredoc.body.lower, heredoc.body.lower))
      text.appendLines(heredoc.body, of: tree.source, strippingTabs: false)
      text.append(heredoc.terminator, of: tree.source)
    }
  }

  /// The text that hadolint's parser takes for the script; it is always read as bash.
  ///
  /// - A here-document at the very start: what stands behind the delimiter is the first line of the script, unless it is a
  ///   redirection.
  /// - A here-document anywhere else: what stands before it, and no more.
  /// - `<<` with a blank behind it is one that the next empty line ends, and the end of the file is an empty line.
  /// - A flag that hadolint does not know, or one without a value, starts the text.
  /// - An escape character at the very end of the file is part of it.
  init(asHadolint command: Word, of instruction: Instruction, in tree: SyntaxTree, shell: ShellDialect) {
    dialect = shell
    let known = ["mount", "network", "security"]
    let start =
      instruction.flags.first { !known.contains($0.name) || $0.value == nil }?.range.lower
      ?? command.range.lower
    text = tree.cookedText(ByteRange(start, command.range.upper))
    guard let heredoc = instruction.heredocs.first, heredoc.isTerminated,
      let marker = text.bytes.firstHeredocMarker
    else {
      if let marker = text.bytes.firstHeredocMarker, marker > 0, text.endsInEmptyHeredoc(at: marker, of: tree)
      {
        text = text.piece(0..<marker, of: tree)
      } else {
        text.appendLastEscape(behind: command.range, of: tree)
      }
      return
    }
    guard marker == 0 else {
      text = text.piece(0..<marker, of: tree)
      return
    }
    let rest = text.bytes.endOfHadolintMarker
    let swallows = rest < text.bytes.count && (text.bytes[rest] == 0x7C || text.bytes[rest] == 0x3E)
    text = swallows ? CookedText() : text.piece(rest..<text.bytes.count, of: tree)
    text.append([0x0A], for: ByteRange(heredoc.body.lower, heredoc.body.lower))
    text.appendLines(heredoc.body, of: tree.source, strippingTabs: false)
  }

  /// The words of the exec form with one blank between, as hadolint reads them: only `\"` is decoded.
  init(asHadolint words: [Word], in tree: SyntaxTree, shell: ShellDialect) {
    dialect = shell
    text = CookedText()
    for word in words {
      if !text.bytes.isEmpty || word.range != words[0].range {
        text.append([0x20], for: ByteRange(word.range.lower, word.range.lower))
      }
      if let inner = word.textRange(in: tree.source) {
        text.append(inner, of: tree.source)
      } else {
        var bytes: [UInt8] = []
        let raw = Array(tree.cooked(word.range).dropFirst().dropLast())
        for (index, byte) in raw.enumerated()
        where byte != 0x5C || index + 1 >= raw.count || raw[index + 1] != 0x22 { bytes.append(byte) }
        text.append(bytes, for: word.range)
      }
    }
  }

  /// Whether a line consists of a here-document's operator and delimiter alone.
  private static func isAll(_ line: CookedText, _ heredoc: HeredocSyntax) -> Bool {
    let bytes = line.bytes
    guard let first = bytes.firstIndex(where: { !$0.isASCIISpace }),
      let last = bytes.lastIndex(where: { !$0.isASCIISpace })
    else { return false }
    return heredoc.range.contains(line.original(first..<last + 1))
  }
}

extension Word {
  /// The place of the text in the quotes of a string of the exec form, when it has no escapes.
  func textRange(in source: Source) -> ByteRange? {
    guard range.count >= 2 else { return nil }
    let inner = ByteRange(range.lower + 1, range.upper - 1)
    return source.bytes(in: inner).elementsEqual(bytes) ? inner : nil
  }
}

extension CookedText {
  /// A part of the text, with the way back to the file.
  func piece(_ part: Range<Int>, of tree: SyntaxTree) -> CookedText {
    part.isEmpty ? CookedText() : tree.cookedText(original(part))
  }

  /// Appends the escape character that ends the file, with the blanks before it: there is no line that it could continue.
  fileprivate mutating func appendLastEscape(behind range: ByteRange, of tree: SyntaxTree) {
    guard var index = tree.tokenIndex(at: range.upper), tree.tokens[index].start >= range.upper else {
      return
    }
    if tree.tokens[index].kind == .space { index += 1 }
    guard index + 1 == tree.tokens.count, tree.tokens[index].kind == .continuation else { return }
    let escape = tree.range(ofToken: index)
    guard !tree.source.bytes(in: escape).contains(0x0A) else { return }
    append(ByteRange(range.upper, escape.upper), of: tree.source)
  }

  /// Whether the `<<` at a place of the text has a blank behind it, and an empty line or the end of the file below it.
  fileprivate func endsInEmptyHeredoc(at marker: Int, of tree: SyntaxTree) -> Bool {
    let file = tree.source.bytes
    var index = Int(original(marker..<marker + 2).upper)
    while index < file.count, file[index] == 0x2D { index += 1 }
    guard index < file.count, file[index] == 0x20 || file[index] == 0x09,
      let end = file[index...].firstIndex(of: 0x0A)
    else { return false }
    var next = end + 1
    if next < file.count, file[next] == 0x0D { next += 1 }
    return next == file.count || file[next] == 0x0A
  }

  /// Appends lines of the file, without the CR of their ends and, on demand, the tabs at their start.
  mutating func appendLines(_ range: ByteRange, of source: Source, strippingTabs: Bool) {
    var offset = Int(range.lower)
    let end = min(Int(range.upper), source.bytes.count)
    while offset < end {
      var next = offset
      while next < end, source.bytes[next] != 0x0A { next += 1 }
      var start = offset
      if strippingTabs {
        while start < next, source.bytes[start] == 0x09 { start += 1 }
      }
      if next < end, next > start, source.bytes[next - 1] == 0x0D {
        append(ByteRange(start, next - 1), of: source)
        append(ByteRange(next, next + 1), of: source)
      } else {
        append(ByteRange(start, min(next + 1, end)), of: source)
      }
      offset = next + 1
    }
  }
}

extension [UInt8] {
  /// Where the first `<<` stands.
  fileprivate var firstHeredocMarker: Int? {
    indices.first { index in index + 1 < count && self[index] == 0x3C && self[index + 1] == 0x3C }
  }

  /// Behind a delimiter at the start as hadolint reads it: in quotes, or up to and with the next blank.
  fileprivate var endOfHadolintMarker: Int {
    var index = 2
    while index < count, self[index] == 0x2D { index += 1 }
    if index < count, self[index] == 0x22 || self[index] == 0x27,
      let close = self[(index + 1)...].firstIndex(of: self[index])
    {
      return close + 1
    }
    while index < count, !self[index].isASCIISpace { index += 1 }
    return Swift.min(index + 1, count)
  }
}
