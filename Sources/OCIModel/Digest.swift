import ContentHash

/// A content digest, `algorithm:encoded` (OCI image-spec, descriptor.md, "Digests").
///
/// Only SHA-256 can be held: the specification asks every implementation for it, and all writers
/// use it. SHA-512 is recognised, so that the error can say what was met.
package struct Digest: Hashable, Sendable {
  /// 64 lower-case hexadecimal digits.
  package let hex: String

  /// Bytes of a SHA-256, as `SHA256.finalize` returns them.
  package init(sha256 bytes: [UInt8]) {
    assert(bytes.count == SHA256.byteCount)
    hex = hexadecimal(bytes)
  }

  /// The digest of `content`.
  package init(of content: [UInt8]) { self.init(sha256: SHA256.hash(content)) }

  /// Reads `sha256:` and 64 lower-case hexadecimal digits, nothing else.
  package init(parsing text: String) throws(DigestError) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      throw .malformed(text)
    }
    let algorithm = String(text[..<colon])
    let encoded = text[text.utf8.index(after: colon)...]
    guard algorithm == "sha256" else {
      throw Self.isAlgorithm(algorithm) ? .unsupportedAlgorithm(algorithm, text) : .malformed(text)
    }
    try self.init(hex: encoded, whole: text)
  }

  /// Reads 64 lower-case hexadecimal digits, such as the name of a file in `blobs/sha256`.
  package init(hex: Substring) throws(DigestError) { try self.init(hex: hex, whole: String(hex)) }

  private init(hex: Substring, whole: String) throws(DigestError) {
    guard hex.utf8.count == 2 * SHA256.byteCount else {
      throw .wrongLength(hex.utf8.count, whole)
    }
    let digits = hex.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
    guard digits else { throw .malformed(whole) }
    self.hex = String(hex)
  }

  /// `algorithm-component *([+._-] algorithm-component)`, of lower-case letters and digits.
  private static func isAlgorithm(_ text: String) -> Bool {
    guard let first = text.utf8.first, isComponent(first) else { return false }
    return text.utf8.allSatisfy { isComponent($0) || "+._-".utf8.contains($0) }
  }

  private static func isComponent(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension Digest: CustomStringConvertible {
  /// `sha256:` and the digits.
  package var description: String { "sha256:" + hex }
}

extension Digest: Comparable {
  package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
}

/// Why a text is no digest; each case carries the whole text.
package enum DigestError: Error, Hashable, Sendable {
  /// Not `algorithm:encoded`, or digits that are not lower-case hexadecimal.
  case malformed(String)
  /// A good algorithm name that Slipway does not compute, such as `sha512`.
  case unsupportedAlgorithm(String, String)
  /// `sha256:` with another number of digits than 64.
  case wrongLength(Int, String)
}
