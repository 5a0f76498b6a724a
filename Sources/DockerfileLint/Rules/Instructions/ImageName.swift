import DockerfileSyntax
import SourceText

/// The name of an image taken apart: `[registry/]name[:tag][@digest]`.
struct ImageName {
  /// The registry; nil without one.
  let registry: ArraySlice<UInt8>?
  /// The name without registry, tag and digest.
  let name: ArraySlice<UInt8>
  /// The tag; nil without one.
  let tag: ArraySlice<UInt8>?
  /// Whether there is a digest.
  let hasDigest: Bool
  /// The indices of the tag, with its colon, in the word.
  let tagIndices: Range<Int>?

  /// Takes a reference apart.
  ///
  /// - Parameter isStrict: as hadolint does it, in place of the grammar of references. A registry is then what stands
  ///   before a slash and has a dot, and the tag starts at the first colon behind it, so that `localhost:5000/x` is a name
  ///   with a tag. Verdicts depend on that.
  init(_ bytes: [UInt8], isStrict: Bool) {
    var rest = bytes[...]
    let slash = isStrict ? Self.endOfDottedName(rest) : Self.endOfRegistry(rest)
    if let slash {
      registry = rest[..<slash]
      rest = rest[(slash + 1)...]
    } else {
      registry = nil
    }
    let at = Self.index(of: 0x40, in: rest)
    hasDigest = at != nil
    let end = at ?? rest.endIndex
    // Outside strict mode a colon counts behind the last slash only: the one before belongs to a port.
    let start =
      isStrict ? rest.startIndex : Self.index(of: 0x2F, in: rest[..<end], last: true) ?? rest.startIndex
    if let colon = Self.index(of: 0x3A, in: rest[start..<end]) {
      name = rest[..<colon]
      tag = rest[(colon + 1)..<end]
      tagIndices = colon..<end
    } else {
      name = rest[..<end]
      tag = nil
      tagIndices = nil
    }
  }

  /// The slash behind a registry: a name before the first slash that has a dot or a colon in it, or is `localhost`.
  ///
  /// https://github.com/distribution/reference/blob/main/normalize.go
  private static func endOfRegistry(_ text: ArraySlice<UInt8>) -> Int? {
    guard let slash = index(of: 0x2F, in: text) else { return nil }
    let host = text[..<slash]
    let isHost =
      index(of: 0x2E, in: host) != nil || index(of: 0x3A, in: host) != nil
      || host.elementsEqual("localhost".utf8)
    return isHost ? slash : nil
  }

  /// The first slash behind the first dot.
  private static func endOfDottedName(_ text: ArraySlice<UInt8>) -> Int? {
    guard let dot = index(of: 0x2E, in: text), dot > text.startIndex else { return nil }
    guard let slash = index(of: 0x2F, in: text[(dot + 1)...]), slash > dot + 1 else { return nil }
    return slash
  }

  /// The first or last such byte outside `${…}`.
  private static func index(of byte: UInt8, in bytes: ArraySlice<UInt8>, last: Bool = false) -> Int? {
    var depth = 0
    var found: Int?
    for index in bytes.indices {
      if bytes[index] == 0x7B, depth > 0 || (index > bytes.startIndex && bytes[index - 1] == 0x24) {
        depth += 1
      } else if bytes[index] == 0x7D, depth > 0 {
        depth -= 1
      } else if bytes[index] == byte, depth == 0 {
        if !last { return index }
        found = index
      }
    }
    return found
  }
}
