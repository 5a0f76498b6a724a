import ContentHash
import OCIModel
import Testing

private let upperCase = "sha256:" + String(repeating: "A", count: 64)
private let path = "sha256:" + String(repeating: "0", count: 62) + "/."

private let refusedCases: [(String, DigestError)] = [
  ("", .malformed("")),
  ("sha256", .malformed("sha256")),
  ("sha256:abc", .wrongLength(3, "sha256:abc")),
  ("SHA256:00", .malformed("SHA256:00")),
  ("sha512:00", .unsupportedAlgorithm("sha512", "sha512:00")),
  ("md5+x:00", .unsupportedAlgorithm("md5+x", "md5+x:00")),
  (upperCase, .malformed(upperCase)),
  (path, .malformed(path)),
]

@Suite("Digests")
struct DigestTests {
  @Test(
    "SHA-256 gives the values of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func vectors(text: String, hex: String) {
    #expect(hexadecimal(SHA256.hash(Array(text.utf8))) == hex)
    #expect(Digest(of: Array(text.utf8)).description == "sha256:" + hex)
  }

  @Test("a million letters, in pieces of any size")
  func pieces() {
    var hash = SHA256()
    let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    for index in 0..<1000 {
      let cut = index % 1001
      hash.update(letters[..<min(cut, 1000)])
      let rest = Array(letters[min(cut, 1000)...])
      hash.update(rest.span)
    }
    #expect(
      hexadecimal(hash.finalize()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test(
    "what is no SHA-256 digest is refused, and said why",
    arguments: refusedCases)
  func refused(text: String, error: DigestError) {
    #expect(throws: error) { try Digest(parsing: text) }
  }
}
