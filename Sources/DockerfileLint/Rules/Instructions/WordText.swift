import DockerfileSyntax
import SourceText

extension Word {
  /// The text without the quotes at its ends.
  var unquoted: ArraySlice<UInt8> {
    let isQuote = { (byte: UInt8) in byte == 0x22 || byte == 0x27 }
    var bytes = self.bytes.drop(while: isQuote)
    while let last = bytes.last, isQuote(last) { bytes.removeLast() }
    return bytes
  }

  /// Whether the text is a path that does not depend on the working directory, or may be one: it starts with a slash, a
  /// variable, or a drive.
  var isAbsolutePath: Bool {
    let text = unquoted
    guard let first = text.first else { return false }
    if first == 0x2F || first == 0x24 { return true }
    return first.isASCIILetter && text.dropFirst().first == 0x3A
  }

  /// The text in small letters: how BuildKit compares names of stages.
  var lowercasedBytes: [UInt8] { bytes.map(\.asciiLowercased) }
}

extension Transfer {
  /// The sources and the destination as hadolint counts them: behind here-documents at the start, all that follows is the
  /// destination.
  func parts(isStrict: Bool) -> (sources: Int, destination: Word)? {
    guard let destination else { return nil }
    let heredocs = sources.prefix { if case .heredoc = $0 { true } else { false } }.count
    guard isStrict, heredocs > 0, heredocs < sources.count, case .path(let first) = sources[heredocs] else {
      return (sources.count, destination)
    }
    return (heredocs, Word(first.bytes + [0x20] + destination.bytes, at: first.range, isVerbatim: false))
  }
}

extension LintContext {
  /// Whether blanks stand behind an instruction: hadolint takes them for a part of the last argument.
  func hasTrailingBlanks(_ instruction: Instruction) -> Bool {
    let end = instruction.syntax.line.upper
    guard Int(end) < dockerfile.source.bytes.count else { return false }
    let byte = dockerfile.source.bytes[Int(end)]
    return byte == 0x20 || byte == 0x09
  }

  /// Whether the arguments look like those of another instruction: another rule says so, and one mistake is one finding.
  func isMisplaced(_ instruction: Instruction) -> Bool {
    guard !isStrict, let fit = ArgumentFit(instruction, hasProblem: false) else { return false }
    return fit.verdict != .fits
  }

  /// The value of a name or value of ARG, ENV or LABEL.
  ///
  /// In strict mode it is hadolint's: quotes are removed, an escape character counts only before a quote or a blank, and
  /// `NAME value` is taken as it stands. If not, it is BuildKit's, and nil when a variable decides on it.
  func text(of word: Word, isLegacy: Bool = false) -> [UInt8]? {
    let special: (UInt8) -> Bool = { [escape = tree.escape] in
      $0 == 0x22 || $0 == 0x27 || $0 == 0x24 || $0 == escape
    }
    guard word.bytes.contains(where: special) else { return word.bytes }
    if isStrict { return isLegacy ? word.bytes : literal(word.bytes) }
    let template = WordTemplate(word.bytes, options: WordTemplate.Options(escape: tree.escape))
    var text: [UInt8] = []
    for part in template.parts {
      guard case .literal(let bytes, _) = part else { return nil }
      text += bytes
    }
    return text
  }

  private func literal(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var quote: UInt8?
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == tree.escape, index < bytes.count {
        let next = bytes[index]
        if quote == nil ? next == 0x20 || next == 0x09 : next == quote {
          result.append(next)
          index += 1
          continue
        }
      }
      if byte == quote {
        quote = nil
      } else if quote == nil, byte == 0x22 || byte == 0x27 {
        quote = byte
      } else {
        result.append(byte)
      }
    }
    return result
  }
}
