import SourceText

extension ShellParser {
  /// Notes a here-document whose delimiter has just been read; its lines come behind the next line end.
  mutating func openHeredoc(from start: Int, stripsTabs: Bool) -> Int {
    var delimiter: [UInt8] = []
    var isQuoted = false
    var quote: UInt8 = 0
    var offset = start
    while offset < index {
      let current = bytes[offset]
      switch current {
      case _ where (current == 0x27 || current == 0x22) && quote == 0:
        quote = current
        isQuoted = true
      case _ where current == quote && quote != 0: quote = 0
      case 0x5C where quote != 0x27 && offset + 1 < index:
        isQuoted = true
        offset += 1
        if bytes[offset] != 0x0A { delimiter.append(bytes[offset]) }
      default: delimiter.append(current)
      }
      offset += 1
    }
    heredocs.append(
      ShellHeredoc(
        delimiter: delimiter, stripsTabs: stripsTabs, expands: !isQuoted, body: range(index, index),
        parts: [],
        isTerminated: false))
    pending.append(heredocs.count - 1)
    return heredocs.count - 1
  }

  /// Reads the here-documents that are open, at the start of a line.
  mutating func readHeredocs() {
    guard !pending.isEmpty else { return }
    let documents = pending
    pending = []
    for number in documents { readHeredoc(number) }
  }

  private mutating func readHeredoc(_ number: Int) {
    let document = heredocs[number]
    let start = index
    var offset = start
    var bodyEnd = end
    var next = end
    var isTerminated = false
    while offset < end {
      let lineEnd = lineEnd(from: offset)
      if isDelimiter(document, from: offset, to: lineEnd) {
        bodyEnd = offset
        next = lineEnd
        isTerminated = true
        break
      }
      offset = lineEnd
      while offset < end, bytes[offset] == 0x0D { offset += 1 }
      if offset < end { offset += 1 }
    }
    heredocs[number].body = range(start, bodyEnd)
    heredocs[number].isTerminated = isTerminated
    if document.expands {
      let outer = end
      end = bodyEnd
      let parts = quotedParts(in: .heredocBody)
      end = outer
      heredocs[number].parts = parts
    } else {
      let text = string(start, bodyEnd)
      take(.heredocBody, to: bodyEnd)
      if !text.isEmpty {
        heredocs[number].parts = [ShellWord.Part(kind: .literal(text), range: range(start, bodyEnd))]
      }
    }
    guard isTerminated else {
      fail(.unterminatedHeredoc)
      return
    }
    take(.heredocEnd, to: next)
    if isAtLineEnd { take(.newline, count: peek() == 0x0D ? 2 : 1) }
  }

  private func isDelimiter(_ document: ShellHeredoc, from start: Int, to end: Int) -> Bool {
    var offset = start
    if document.stripsTabs {
      while offset < end, bytes[offset] == 0x09 { offset += 1 }
    }
    let count = document.delimiter.count
    guard end - offset >= count else { return false }
    for position in 0..<count where bytes[offset + position] != document.delimiter[position] { return false }
    return offset + count == end
  }
}
