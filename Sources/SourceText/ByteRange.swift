/// A half-open range of byte offsets in a source: `lower` is in it, `upper` is not.
///
/// Offsets are 32 bits wide, so that a token takes eight bytes; a `Source` refuses files of 4 GiB and more.
@frozen
public struct ByteRange: Hashable, Sendable {
  /// The offset of the first byte.
  public var lower: UInt32
  /// The offset behind the last byte.
  public var upper: UInt32

  /// Makes a range; an `upper` below `lower` gives the empty range at `lower`.
  @inlinable
  public init(_ lower: UInt32, _ upper: UInt32) {
    self.lower = lower
    self.upper = upper < lower ? lower : upper
  }

  /// Makes a range from array indices.
  @inlinable
  public init(_ lower: Int, _ upper: Int) {
    self.init(UInt32(truncatingIfNeeded: lower), UInt32(truncatingIfNeeded: upper))
  }

  /// The number of bytes.
  @inlinable public var count: Int { Int(upper) - Int(lower) }
  /// Whether there is no byte in the range.
  @inlinable public var isEmpty: Bool { lower == upper }
  /// The range as array indices.
  @inlinable public var indices: Range<Int> { Int(lower)..<Int(upper) }

  /// Whether the offset lies inside.
  @inlinable
  public func contains(_ offset: UInt32) -> Bool { lower <= offset && offset < upper }

  /// Whether the other range lies inside as a whole.
  @inlinable
  public func contains(_ other: ByteRange) -> Bool { lower <= other.lower && other.upper <= upper }

  /// Whether the two share a byte.
  @inlinable
  public func overlaps(_ other: ByteRange) -> Bool { lower < other.upper && other.lower < upper }

  /// The smallest range that holds both.
  @inlinable
  public func union(_ other: ByteRange) -> ByteRange {
    ByteRange(min(lower, other.lower), max(upper, other.upper))
  }
}

extension ByteRange: Comparable {
  /// Orders by start, then by end.
  @inlinable
  public static func < (left: ByteRange, right: ByteRange) -> Bool {
    left.lower != right.lower ? left.lower < right.lower : left.upper < right.upper
  }
}
