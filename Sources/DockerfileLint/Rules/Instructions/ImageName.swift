import DockerfileSyntax
import SourceText

/// The name of an image as hadolint takes it apart: `[registry/]name[:tag][@digest]`.
///
/// This is not the grammar of references: a registry is what stands before the first slash and has a dot, and the tag
/// starts at the first colon behind it, so `localhost:5000/x` is a name with a tag. Verdicts depend on that.
struct ImageName {
  /// The name without registry, tag and digest.
  let name: ArraySlice<UInt8>
  /// The tag; nil without one.
  let tag: ArraySlice<UInt8>?
  /// Whether there is a digest.
  let hasDigest: Bool
  /// The indices of the tag, with its colon, in the word.
  let tagIndices: Range<Int>?

  init(_ word: Word) {
    let bytes = word.bytes
    var rest = bytes[...]
    if let slash = Self.firstIndex(of: 0x2F, in: rest), rest[..<slash].contains(0x2E) {
      rest = rest[(slash + 1)...]
    }
    let colon = Self.firstIndex(of: 0x3A, in: rest)
    let at = Self.firstIndex(of: 0x40, in: rest)
    hasDigest = at != nil
    let end = at ?? rest.endIndex
    if let colon, colon < end {
      name = rest[..<colon]
      tag = rest[(colon + 1)..<end]
      tagIndices = colon..<end
    } else {
      name = rest[..<end]
      tag = nil
      tagIndices = nil
    }
  }

  /// The first such byte outside `${…}`.
  private static func firstIndex(of byte: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
    var depth = 0
    for index in bytes.indices {
      if bytes[index] == 0x7B, index > bytes.startIndex, bytes[index - 1] == 0x24 {
        depth += 1
      } else if bytes[index] == 0x7D, depth > 0 {
        depth -= 1
      } else if bytes[index] == byte, depth == 0 {
        return index
      }
    }
    return nil
  }
}
