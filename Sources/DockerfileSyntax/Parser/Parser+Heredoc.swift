import SourceText

extension Parser {
  /// Whether here-documents can belong to an instruction: RUN, COPY, ADD outside the exec form, also inside ONBUILD.
  func mayHaveHeredocs(_ node: InstructionSyntax) -> Bool {
    if node.kind.takesHeredocs { return node.form != .exec }
    guard node.kind == .onbuild, node.trigger >= 0 else { return false }
    let inner = triggers[Int(node.trigger)]
    return inner.kind.takesHeredocs && inner.form != .exec
  }

  /// Finds the here-document words of a logical line and reads the documents behind it.
  ///
  /// - Returns: the start of the line behind the last document.
  mutating func parseHeredocs(
    _ file: Span<UInt8>, line text: Span<UInt8>, from start: Int, to end: Int, after next: Int,
    into node: inout InstructionSyntax
  ) -> Int {
    guard let operatorStart = text.firstHeredocOperator(from: start, to: end) else { return next }
    let first = heredocs.count
    var offset = next
    var lexer = ShellWordLexer(rawQuotes: true, rawEscapes: true, escape: 0x5C)
    // An unbalanced quote or a bad substitution on the line: BuildKit sees no here-document then.
    guard let words = lexer.words(text, from: start, to: end) else { return next }
    for word in words where word.end > operatorStart {
      guard let operation = HeredocOperator(word.bytes.span) else { continue }
      let range = line.fileRange(word.start, word.end)
      switch operation.delimiter() {
      case .none: continue
      case .invalid: fail(.invalidHeredocWord, word.start, word.end)
      case .word(let name, let expands):
        let (document, after) = readDocument(
          file, at: offset, range: range, name: name, operation: operation, expands: expands)
        heredocs.append(document)
        node.range = node.range.union(document.isTerminated ? document.terminator : document.body)
        offset = after
        if !document.isTerminated { fail(.unterminatedHeredoc, word.start, word.end) }
      }
      if heredocs.count > first, heredocs.last?.isTerminated == false { break }
    }
    node.heredocs = IndexRange(first, heredocs.count)
    if node.kind == .onbuild, node.trigger >= 0 {
      triggers[Int(node.trigger)].heredocs = node.heredocs
      let inner = triggers[Int(node.trigger)].range
      triggers[Int(node.trigger)].range = ByteRange(inner.lower, max(inner.upper, node.range.upper))
    }
    return offset
  }

  private mutating func readDocument(
    _ file: Span<UInt8>, at start: Int, range: ByteRange, name: [UInt8], operation: HeredocOperator,
    expands: Bool
  ) -> (HeredocSyntax, Int) {
    let found = terminator(file, name: name, from: start, stripsTabs: operation.stripsTabs)
    let bodyEnd = found?.start ?? (openHeredocsAreEmpty ? start : firstInstructionLine(file, from: start))
    if start < bodyEnd { tokens.append(Token(.heredocBody, start)) }
    var after = bodyEnd
    var end = ByteRange(bodyEnd, bodyEnd)
    if let found {
      let physical = PhysicalLine(file, at: found.start)
      end = ByteRange(found.start, physical.contentEnd)
      if found.start < physical.contentEnd { tokens.append(Token(.heredocEnd, found.start)) }
      if physical.contentEnd < physical.next { tokens.append(Token(.newline, physical.contentEnd)) }
      after = physical.next
    }
    let document = HeredocSyntax(
      range: range, name: name, fileDescriptor: operation.fileDescriptor, stripsTabs: operation.stripsTabs,
      expands: expands, body: ByteRange(start, bodyEnd), terminator: end, isTerminated: found != nil)
    return (document, after)
  }

  /// The line that ends a here-document.
  ///
  /// A document that is found costs its own length. The first that is not found has the rest of the file indexed by
  /// line content, so that many unterminated documents together still cost linear time.
  private mutating func terminator(
    _ file: Span<UInt8>, name: [UInt8], from start: Int, stripsTabs: Bool
  ) -> PhysicalStart? {
    if let terminators {
      return terminators.line(file, equalTo: name, from: start, stripsTabs: stripsTabs)
    }
    var offset = start
    while offset < file.count {
      let physical = PhysicalLine(file, at: offset)
      if file.line(from: offset, to: physical.contentEnd, equals: name, stripsTabs: stripsTabs) {
        return PhysicalStart(start: offset)
      }
      offset = physical.next
    }
    terminators = HeredocTerminators(file, from: start)
    return nil
  }

  /// Where to go on when no line ends a here-document: the next line that starts with an instruction in capitals.
  private func firstInstructionLine(_ file: Span<UInt8>, from start: Int) -> Int {
    var offset = start
    while offset < file.count {
      let physical = PhysicalLine(file, at: offset)
      var index = offset
      while index < physical.contentEnd, file[index] >= 0x41, file[index] <= 0x5A { index += 1 }
      if index > offset, index < physical.contentEnd, file[index] == 0x20 || file[index] == 0x09,
        InstructionKind.named(file, from: offset, to: index) != .unknown
      {
        return offset
      }
      offset = physical.next
    }
    return offset
  }
}

/// Where a line starts.
struct PhysicalStart {
  let start: Int
}

/// The lines of the rest of a file by content, to find the ends of here-documents in.
struct HeredocTerminators {
  private var exact: [Int: [UInt32]] = [:]
  private var stripped: [Int: [UInt32]] = [:]

  init(_ file: Span<UInt8>, from start: Int) {
    var offset = start
    while offset < file.count {
      let physical = PhysicalLine(file, at: offset)
      // A delimiter is one word of a line; longer lines can end nothing that is worth finding.
      if physical.contentEnd - offset <= 4096 {
        let tabs = file.skippingTabs(from: offset, to: physical.contentEnd)
        exact[file.hash(from: offset, to: physical.contentEnd), default: []].append(
          UInt32(truncatingIfNeeded: offset))
        if tabs > offset {
          stripped[file.hash(from: tabs, to: physical.contentEnd), default: []].append(
            UInt32(truncatingIfNeeded: offset))
        }
      }
      offset = physical.next
    }
  }

  func line(_ file: Span<UInt8>, equalTo name: [UInt8], from start: Int, stripsTabs: Bool) -> PhysicalStart? {
    // A line without its tabs cannot equal a name that starts with one, though many may have the name's hash.
    if stripsTabs, name.first == 0x09 { return nil }
    let key = name.span.hash(from: 0, to: name.count)
    var best: Int?
    for table in stripsTabs ? [exact, stripped] : [exact] {
      guard let offsets = table[key] else { continue }
      var low = 0
      var high = offsets.count
      while low < high {
        let middle = (low + high) / 2
        if Int(offsets[middle]) < start { low = middle + 1 } else { high = middle }
      }
      while low < offsets.count {
        let offset = Int(offsets[low])
        let physical = PhysicalLine(file, at: offset)
        if file.line(from: offset, to: physical.contentEnd, equals: name, stripsTabs: stripsTabs) {
          best = min(best ?? offset, offset)
          break
        }
        low += 1
      }
    }
    return best.map { PhysicalStart(start: $0) }
  }
}

extension Span<UInt8> {
  fileprivate func skippingTabs(from start: Int, to end: Int) -> Int {
    var index = start
    while index < end, self[index] == 0x09 { index += 1 }
    return index
  }

  fileprivate func line(from start: Int, to end: Int, equals name: [UInt8], stripsTabs: Bool) -> Bool {
    let begin = stripsTabs ? skippingTabs(from: start, to: end) : start
    guard end - begin == name.count else { return false }
    for index in 0..<name.count where self[begin + index] != name[index] { return false }
    return true
  }

  fileprivate func hash(from start: Int, to end: Int) -> Int {
    var hasher = Hasher()
    unsafe extracting(start..<end).withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  /// The index of the first `<<`.
  fileprivate func firstHeredocOperator(from start: Int, to end: Int) -> Int? {
    var index = start
    while let found = firstIndex(of: 0x3C, from: index, to: end) {
      if found + 1 < end, self[found + 1] == 0x3C { return found }
      index = found + 1
    }
    return nil
  }
}
