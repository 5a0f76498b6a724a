import DockerfileSyntax

/// Which stages can be part of an image that is kept: the last one, and those that others build on.
///
/// hadolint takes two stages with the same FROM line for one, and compares names letter by letter.
struct StageUse {
  /// A stage as hadolint tells it from others.
  struct Key: Hashable {
    /// The number of the stage; 0 throughout in strict mode.
    fileprivate var number = 0
    fileprivate var image: [UInt8] = []
    fileprivate var name: [UInt8]?
    fileprivate var platform: [UInt8]?
  }

  /// The stage that the walk is in; the same value before the first FROM, and where no FROM is seen at all.
  private(set) var current = Key()
  private var bases: Set<[UInt8]> = []
  private var count = 0

  /// Starts a stage.
  mutating func enter(_ from: From, isStrict: Bool) {
    count += 1
    current = Key(
      number: isStrict ? 0 : count, image: from.image?.bytes ?? [], name: from.name?.bytes,
      platform: from.platform?.bytes)
    if let image = from.image { bases.insert(Array(ImageName(image.bytes, isStrict: true).name)) }
  }

  /// Whether a stage counts. To be asked when all stages have been entered.
  func isUsed(_ stage: Key) -> Bool {
    if stage == current { return true }
    guard let name = stage.name else { return false }
    return bases.contains(name)
  }
}
