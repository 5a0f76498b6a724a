import Diagnostics
import SourceText

/// Builds the tree from the parser's events: without recursion, within limits, and with what can be saved of a broken file.
struct ConfigReader {
  private let source: Source
  private let limits: ConfigText.Limits
  private(set) var problems: [Diagnostic] = []
  /// What anchors name: complete values only, so that nothing can stand inside itself.
  private var anchors: [String: Measured] = [:]
  /// How many values there are so far.
  private var count = 0

  /// How many parts of a broken file are read one by one: each costs a parser of its own.
  private static let maximumParts = 1000

  /// A value with what it costs.
  private struct Measured {
    let value: ConfigValue
    /// How many values it holds, itself included.
    let size: Int
    /// How deep it is nested; 1 for a scalar.
    let height: Int
  }

  /// A list or map that has not ended.
  private struct Frame {
    let isMap: Bool
    let isFlow: Bool
    let anchor: String?
    let start: UInt32
    var end: UInt32
    var elements: [ConfigValue] = []
    var entries: [ConfigEntry] = []
    /// The places of the keys so far.
    var keys: [String: ByteRange] = [:]
    var pendingKey: ConfigValue?
    var size = 1
    var height = 1
  }

  /// How the reading of a part ended.
  private enum Ending { case complete, syntaxError, limit }

  init(_ source: Source, _ limits: ConfigText.Limits) {
    self.source = source
    self.limits = limits
  }

  /// Reads the file; when it is not YAML, what can be read of it.
  mutating func readFile() -> ConfigValue? {
    let bytes = source.bytes
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let (root, ending) = read(start..<bytes.count)
    guard ending == .syntaxError else { return root }
    let parts = topLevelParts(from: start)
    guard parts.count > 1, parts.count <= Self.maximumParts else { return root }
    return readParts(parts)
  }

  /// Reads each entry of the outermost map by itself, so that a mistake in one does not hide the others.
  private mutating func readParts(_ parts: [Range<Int>]) -> ConfigValue? {
    problems = []
    anchors = [:]
    count = 0
    var frame = Frame(isMap: true, isFlow: false, anchor: nil, start: 0, end: 0)
    for part in parts {
      let (value, ending) = read(part)
      for entry in value?.map ?? [] {
        add(entry, to: &frame)
        frame.end = entry.value.range.upper
      }
      if ending == .limit { break }
    }
    guard let first = frame.entries.first else { return nil }
    return ConfigValue(.map(frame.entries), at: ByteRange(first.nameRange.lower, frame.end))
  }

  /// The lines of the file cut into parts that start at the margin: in a map written in blocks, one for each key.
  private func topLevelParts(from start: Int) -> [Range<Int>] {
    let bytes = source.bytes
    var starts: [Int] = []
    var lineStart = start
    while lineStart < bytes.count {
      switch bytes[lineStart] {
      // Blank lines, comments, items and the end of something in brackets belong to what stands before.
      case 0x20, 0x09, 0x0A, 0x0D, 0x23, 0x2D, 0x25, 0x2E, 0x5D, 0x7D: break
      default: starts.append(lineStart)
      }
      guard let newline = bytes.span.firstIndex(of: 0x0A, from: lineStart, to: bytes.count) else { break }
      lineStart = newline + 1
    }
    return zip(starts, starts.dropFirst() + [bytes.count]).map { $0..<$1 }
  }

  /// Reads the first document of a part of the file; what is open when it breaks off is closed there.
  private mutating func read(_ part: Range<Int>) -> (root: ConfigValue?, ending: Ending) {
    let bytes = source.bytes
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard
        var parser = unsafe EventParser(UnsafeBufferPointer(rebasing: buffer[part]), base: part.lowerBound)
      else {
        report("there is not enough memory to read the file", at: ByteRange(0, 0))
        return (nil, .limit)
      }
      return build(&parser)
    }
  }

  private mutating func build(_ parser: inout EventParser) -> (root: ConfigValue?, ending: Ending) {
    var frames: [Frame] = []
    var root: ConfigValue?
    var documents = 0
    do throws(EventParser.SyntaxError) {
      while true {
        switch try parser.next() {
        case .documentStart:
          documents += 1
          if documents > 1 {
            report("only the first document of the file counts", at: nil)
            return (root, .complete)
          }
        case .documentEnd: break
        case .end: return (root, .complete)
        case .scalar(let scalar, let anchor, let range):
          let value = Measured(value: ConfigValue(.scalar(scalar), at: range), size: 1, height: 1)
          count += 1
          if let anchor { anchors[anchor] = value }
          put(value, &frames, &root)
        case .alias(let name, let range):
          guard let value = anchors[name] else {
            report("the alias `*\(name)` names nothing that stands complete above it", at: range)
            // Something must stand there, or keys and values would change places.
            put(
              Measured(value: ConfigValue(.scalar(ConfigScalar("")), at: range), size: 1, height: 1), &frames,
              &root)
            continue
          }
          count += value.size
          guard isWithin(frames.count + value.height, range) else {
            return (closed(&frames) ?? root, .limit)
          }
          put(value, &frames, &root)
        case .open(let isMap, let isFlow, let anchor, let range):
          count += 1
          guard isWithin(frames.count + 1, range) else { return (closed(&frames) ?? root, .limit) }
          frames.append(
            Frame(isMap: isMap, isFlow: isFlow, anchor: anchor, start: range.lower, end: range.upper))
        case .close(let range): close(at: range, &frames, &root)
        }
        guard count <= limits.values else {
          report("the file holds more than \(limits.values) values; the rest is not read", at: nil)
          return (closed(&frames) ?? root, .limit)
        }
      }
    } catch {
      report(error)
      return (closed(&frames) ?? root, .syntaxError)
    }
  }

  /// Whether a value may be put in; reports when it may not.
  private mutating func isWithin(_ depth: Int, _ range: ByteRange) -> Bool {
    if depth > limits.depth {
      report("this is nested more than \(limits.depth) deep; the rest is not read", at: range)
      return false
    }
    if count > limits.values {
      report("the file stands for more than \(limits.values) values; the rest is not read", at: range)
      return false
    }
    return true
  }

  private mutating func close(at range: ByteRange, _ frames: inout [Frame], _ root: inout ConfigValue?) {
    guard var frame = frames.popLast() else { return }
    // A list or map written in blocks ends with its last value, not where the parser noticed.
    if frame.isFlow { frame.end = max(frame.end, range.upper) }
    let place = ByteRange(frame.start, frame.end)
    let content: ConfigValue.Content = frame.isMap ? .map(frame.entries) : .list(frame.elements)
    let value = Measured(
      value: ConfigValue(content, at: place), size: frame.size, height: frame.height)
    if let anchor = frame.anchor { anchors[anchor] = value }
    put(value, &frames, &root)
  }

  /// Closes all that is open; the value is what has been read.
  private mutating func closed(_ frames: inout [Frame]) -> ConfigValue? {
    var root: ConfigValue?
    while let frame = frames.last {
      close(at: ByteRange(frame.end, frame.end), &frames, &root)
    }
    return root
  }

  /// Puts a value where it belongs: into the innermost list or map, as the next key or its value.
  private mutating func put(_ value: Measured, _ frames: inout [Frame], _ root: inout ConfigValue?) {
    guard var frame = frames.popLast() else {
      root = value.value
      return
    }
    frame.size += value.size
    frame.height = max(frame.height, value.height + 1)
    // An alias's value stands elsewhere.
    if value.value.range.lower >= frame.start { frame.end = max(frame.end, value.value.range.upper) }
    if !frame.isMap {
      frame.elements.append(value.value)
    } else if let key = frame.pendingKey {
      frame.pendingKey = nil
      if let name = key.scalar?.text {
        add(ConfigEntry(name: name, nameRange: key.range, value: value.value), to: &frame)
      } else {
        report("a key is a text, not \(key.kind)", at: key.range)
      }
    } else {
      frame.pendingKey = value.value
    }
    frames.append(frame)
  }

  private mutating func add(_ entry: ConfigEntry, to frame: inout Frame) {
    if let first = frame.keys[entry.name] {
      problems.append(
        Diagnostic(
          .duplicateKey, .error, "the key `\(entry.name)` stands here a second time; the first one counts",
          at: entry.nameRange, notes: [Note("the first one", at: first)]))
    } else {
      frame.keys[entry.name] = entry.nameRange
      frame.entries.append(entry)
    }
  }

  private mutating func report(_ message: String, at range: ByteRange?) {
    problems.append(Diagnostic(.invalidConfig, .error, message, at: range ?? ByteRange(0, 0)))
  }

  private mutating func report(_ error: EventParser.SyntaxError) {
    let offset = min(error.offset, source.bytes.count)
    let isTab = offset < source.bytes.count && source.bytes[offset] == 0x09
    problems.append(
      Diagnostic(
        .invalidConfig, .error, "this is not YAML: \(error.message)",
        at: ByteRange(offset, min(offset + 1, source.bytes.count)),
        help: isTab ? "indent with blanks; YAML takes no tabs there" : nil))
  }
}
