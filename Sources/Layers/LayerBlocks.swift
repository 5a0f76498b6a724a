import FileTree

/// Where a layer's tar stream is cut into blocks that are compressed by themselves.
///
/// The cuts depend on the members alone, so any number of threads gives the same bytes. They also
/// fall back into step after a difference: a large file starts and ends a block, and between small
/// ones the name of a member decides, so that two layers with a long stretch in common have most
/// blocks of it in common.
enum LayerBlocks {
  /// A block is closed once it holds this much.
  static let size = 1 << 20
  /// A block is not closed before a member unless it holds this much, or a large file starts.
  static let smallest = 256 * 1024
  /// A file of this size starts a block.
  static let largeFile: Int64 = 1 << 20

  /// Whether a block of `count` bytes ends before this member.
  static func endsBefore(_ member: LayerEntry, count: Int, afterLargeFile: Bool) -> Bool {
    guard count > 0 else { return false }
    if afterLargeFile || isLarge(member) { return true }
    return count >= smallest && hash(member.path) & 15 == 0
  }

  static func isLarge(_ member: LayerEntry) -> Bool {
    if case .file(let size, _) = member.kind { return size >= largeFile }
    return false
  }

  /// FNV-1a (32 bit), folded so that its low bits depend on all of it.
  private static func hash(_ path: BytePath) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in path.bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return hash ^ hash >> 16
  }
}
