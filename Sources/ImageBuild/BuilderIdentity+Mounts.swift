import OCIModel

// The folders of `RUN --mount=type=cache` outlive builds. What commands leave there with a range of identities belongs to
// others than the user, who can neither read nor remove it without that range: it has folders of its own.
extension BuilderIdentity {
  /// Whether files in these folders belong to whom commands gave them.
  var keepsMountOwners: Bool {
    switch self {
    case .root, .range: true
    case .namespaceRoot, .ordinary: false
    }
  }

  private var hasOwnMounts: Bool {
    if case .range = self { true } else { false }
  }

  /// What a folder's name has at its end.
  private static let suffix = Array(" (range)".utf8)

  /// Under which key and name a mount's folder is in the store. The way back is the same.
  func mountPlace(_ key: Digest, _ id: [UInt8]) -> (key: Digest, name: [UInt8]) {
    hasOwnMounts ? (key.complement, id + Self.suffix) : (key, id)
  }

  /// The id of the mount that has a folder of this name; nil for a folder that is not this caller's to read.
  func mountID(_ name: [UInt8]) -> [UInt8]? {
    let end = name.suffix(Self.suffix.count)
    let isOfRange = name.count > end.count && end.elementsEqual(Self.suffix)
    guard isOfRange == hasOwnMounts else { return nil }
    return isOfRange ? Array(name.dropLast(Self.suffix.count)) : name
  }
}

extension Digest {
  /// The digest with every bit turned over: another name, from which this one can be had again.
  fileprivate var complement: Digest {
    let digits = hex.utf8.map { digit in
      let value = digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
      return UInt8(15 - value)
    }
    return Digest(
      sha256: stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }
}
