import CCrypto

/// SHA-256 (FIPS 180-4) of a stream of bytes, computed by libcrypto.
///
///     var hash = SHA256()
///     hash.update(bytes)
///     let digest = hash.finalize()
///
/// The value owns its libcrypto context, and the type is not copyable: there is one user at a time.
/// That is why `@unchecked Sendable` holds: handing it to another thread hands over the only way
/// to reach the context.
@safe package struct SHA256: ~Copyable, @unchecked Sendable {
  /// Bytes in a digest.
  package static let byteCount = 32

  private let context: OpaquePointer

  package init() {
    // Both calls fail only when memory has run out or libcrypto is broken; no input leads here.
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("EVP_MD_CTX_new failed") }
    let status = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(status == 1, "libcrypto offers no SHA-256")
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Adds bytes to the stream.
  package mutating func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  /// Adds bytes to the stream.
  package mutating func update(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  /// Adds bytes to the stream.
  package mutating func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  /// Adds bytes to the stream.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    let status = unsafe EVP_DigestUpdate(context, start, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  /// Ends the stream.
  /// - Returns: the digest, `byteCount` bytes.
  package consuming func finalize() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      var length: UInt32 = 0
      let status = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
      precondition(status == 1 && length == Self.byteCount, "EVP_DigestFinal_ex failed")
      count = Self.byteCount
    }
  }

  /// The digest of one piece of memory.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }
}
