/// A text that was put together from pieces of a file, with the way back to the file.
///
/// The command of a RUN without its continuations and comment lines is one; a Dockerfile inside a compose file, without the
/// indentation of the block, is another. Bytes that stand nowhere in the file (a line end that was folded, a decoded
/// escape) belong to the place where they were made.
public struct CookedText: Sendable {
  /// The text.
  public private(set) var bytes: [UInt8] = []
  private var pieces: [Piece] = []
  /// Where the text ends in the file.
  private var end: UInt32 = 0

  private struct Piece {
    /// The offset in the text.
    var start: UInt32
    /// The offset in the file of the first byte.
    var origin: UInt32
    /// How many bytes of the file it stands for; differs from the number of its bytes when it is not verbatim.
    var width: UInt32
    /// Whether its bytes are the file's bytes, one for one.
    var isVerbatim: Bool

    /// The place in the file of a byte that is in the piece.
    func original(_ offset: Int) -> UInt32 {
      isVerbatim ? origin + UInt32(truncatingIfNeeded: offset) - start : origin
    }
  }

  /// Starts with nothing.
  public init() {}

  /// Starts with nothing, and room for some bytes.
  public init(capacity: Int) {
    bytes.reserveCapacity(capacity)
  }

  /// The whole range of a file, as it is.
  public init(_ range: ByteRange, of source: Source) {
    append(range, of: source)
  }

  /// Appends a piece of the file as it is.
  public mutating func append(_ range: ByteRange, of source: Source) {
    guard !range.isEmpty else { return }
    if let last = pieces.last, last.isVerbatim,
      last.origin + (UInt32(bytes.count) - last.start) == range.lower
    {
      pieces[pieces.count - 1].width += UInt32(range.count)
    } else {
      pieces.append(
        Piece(
          start: UInt32(truncatingIfNeeded: bytes.count), origin: range.lower, width: UInt32(range.count),
          isVerbatim: true))
    }
    bytes.append(contentsOf: source.bytes(in: range))
    end = range.upper
  }

  /// Appends bytes that stand for a range of the file without being its bytes.
  public mutating func append(_ replacement: some Sequence<UInt8>, for range: ByteRange) {
    let start = bytes.count
    bytes.append(contentsOf: replacement)
    guard bytes.count > start else { return }
    pieces.append(
      Piece(
        start: UInt32(truncatingIfNeeded: start), origin: range.lower, width: UInt32(range.count),
        isVerbatim: false))
    end = range.upper
  }

  /// The place in the file of a byte of the text; behind the last byte it is the end of the last piece.
  public func original(_ offset: Int) -> UInt32 {
    guard offset < bytes.count, let piece = pieceIndex(at: offset) else { return end }
    return pieces[piece].original(offset)
  }

  /// The place in the file of some bytes of the text, from the first to the last, with what was left out in between.
  public func original(_ range: Range<Int>) -> ByteRange {
    guard !range.isEmpty else {
      let place = original(range.lowerBound)
      return ByteRange(place, place)
    }
    guard let first = pieceIndex(at: range.lowerBound), let last = lastPieceIndex(of: range, first: first)
    else {
      let place = original(range.lowerBound)
      return ByteRange(place, place)
    }
    let lower = range.lowerBound < bytes.count ? pieces[first].original(range.lowerBound) : end
    let piece = pieces[last]
    let upper =
      piece.isVerbatim
      ? piece.origin + UInt32(truncatingIfNeeded: range.upperBound) - piece.start : piece.origin + piece.width
    return ByteRange(lower, upper)
  }

  /// Whether the bytes stand side by side in the file, so that an edit of them is an edit of the file.
  public func isVerbatim(_ range: Range<Int>) -> Bool {
    range.isEmpty || verbatimPlace(of: range) != nil
  }

  /// The place in the file of bytes that stand side by side there; nil when they do not, or when there are none.
  public func verbatimPlace(of range: Range<Int>) -> ByteRange? {
    guard !range.isEmpty, let first = pieceIndex(at: range.lowerBound), pieces[first].isVerbatim else {
      return nil
    }
    let end = first + 1 < pieces.count ? Int(pieces[first + 1].start) : .max
    guard range.upperBound <= end else { return nil }
    let lower = pieces[first].original(range.lowerBound)
    return ByteRange(lower, lower + UInt32(truncatingIfNeeded: range.count))
  }

  /// The piece of the last byte of a range, which is mostly that of the first.
  private func lastPieceIndex(of range: Range<Int>, first: Int) -> Int? {
    let last = min(range.upperBound, bytes.count) - 1
    let end = first + 1 < pieces.count ? Int(pieces[first + 1].start) : .max
    return last < end && last >= Int(pieces[first].start) ? first : pieceIndex(at: last)
  }

  private func pieceIndex(at offset: Int) -> Int? {
    guard !pieces.isEmpty, offset >= 0 else { return nil }
    var low = 0
    var high = pieces.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(pieces[middle].start) <= offset { low = middle } else { high = middle }
    }
    return low
  }
}
