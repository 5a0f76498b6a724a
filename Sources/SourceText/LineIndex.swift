/// A place in a file as people count it.
public struct Position: Hashable, Sendable, Comparable {
  /// The line, from 1.
  public var line: Int
  /// The column, from 1, counted in bytes of UTF-8.
  public var column: Int

  /// Makes a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Orders by line, then by column.
  public static func < (left: Position, right: Position) -> Bool {
    left.line != right.line ? left.line < right.line : left.column < right.column
  }
}

/// Turns byte offsets into lines and columns.
///
/// Built only when something is reported; a clean file never pays for it. A line ends with LF; a CR before it
/// belongs to the line.
public struct LineIndex: Sendable {
  /// The offset of each line's first byte; the first is 0.
  private let starts: [UInt32]
  private let size: UInt32

  /// Finds the lines of a source.
  public init(_ source: Source) {
    self.init(source.bytes)
  }

  /// Finds the lines of some bytes.
  public init(_ bytes: [UInt8]) {
    var starts: [UInt32] = [0]
    let span = bytes.span
    var offset = 0
    while let newline = span.firstIndex(of: 0x0A, from: offset, to: span.count) {
      offset = newline + 1
      starts.append(UInt32(truncatingIfNeeded: offset))
    }
    self.starts = starts
    self.size = UInt32(truncatingIfNeeded: bytes.count)
  }

  /// The number of lines; a final newline starts one more, empty line.
  public var count: Int { starts.count }

  /// The line (from 1) that holds the offset.
  public func line(of offset: UInt32) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Line and column of an offset.
  public func position(of offset: UInt32) -> Position {
    let line = line(of: offset)
    return Position(line: line, column: Int(offset - starts[line - 1]) + 1)
  }

  /// The bytes of a line (from 1) with its line end; empty behind the last.
  public func range(ofLine line: Int) -> ByteRange {
    guard line >= 1, line <= starts.count else { return ByteRange(size, size) }
    return ByteRange(starts[line - 1], line < starts.count ? starts[line] : size)
  }
}
