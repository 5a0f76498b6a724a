/// An access control list as `system.posix_acl_access` holds it (acl(5); include/uapi/linux/posix_acl_xattr.h): little-endian, a
/// version, and for each entry a tag, permissions and an identity.
enum AccessList {
  private static let version: UInt32 = 2
  private static let (owner, owningGroup, mask, others) = (1, 4, 16, 32)

  /// The permissions of a mode that the kernel gives a file with this list; nil if it is none.
  static func permissions(of value: [UInt8]) -> UInt32? {
    func number(at offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(value[offset + $1]) << (8 * $1) }
    }
    guard value.count >= 4, (value.count - 4) % 8 == 0, number(at: 0, 4) == Int(version) else { return nil }
    var found: [Int: UInt32] = [:]
    for offset in stride(from: 4, to: value.count, by: 8) {
      found[number(at: offset, 2)] = UInt32(number(at: offset + 2, 2)) & 7
    }
    guard let owner = found[owner], let others = found[others], let group = found[mask] ?? found[owningGroup]
    else { return nil }
    return owner << 6 | group << 3 | others
  }
}
