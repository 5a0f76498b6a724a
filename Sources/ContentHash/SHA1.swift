import CCrypto

/// SHA-1 (FIPS 180-4), for fingerprints that other tools have made with it. Nothing is proved with it.
package enum SHA1 {
  /// The digest of some bytes, 20 bytes.
  package static func digest(of bytes: [UInt8]) -> [UInt8] {
    var size: UInt32 = 0
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    // Fails only when memory has run out or libcrypto is broken; no input leads here.
    let status = unsafe EVP_Digest(bytes, bytes.count, &digest, &size, EVP_sha1(), nil)
    precondition(status == 1 && size == 20, "libcrypto offers no SHA-1")
    return Array(digest[..<Int(size)])
  }
}
