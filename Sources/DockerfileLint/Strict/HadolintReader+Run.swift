/// RUN and its flags.
extension HadolintReader {
  mutating func run() -> Bool {
    let start = at
    if runFlags() {
      guard blank() else { return false }
    } else if at != start {
      return false
    }
    return command()
  }

  /// Reads flags; fails, with nothing read, where the first is none of the three known ones, which then begins the
  /// command.
  private mutating func runFlags() -> Bool {
    while true {
      guard runFlag() else { return false }
      guard attempt({ $0.blank() && $0.stands("--") }) else { return true }
    }
  }

  private mutating func runFlag() -> Bool {
    if take("--mount=") { return mount() }
    if take("--security=") { return take("insecure") || take("sandbox") }
    if take("--network=") { return take("none") || take("host") || take("default") }
    return false
  }

  // MARK: Mounts

  /// The options of a mount by the names under which they are counted.
  private struct MountOptions: OptionSet {
    let rawValue: UInt16
    static let env = MountOptions(rawValue: 1 << 0)
    static let from = MountOptions(rawValue: 1 << 1)
    static let gid = MountOptions(rawValue: 1 << 2)
    static let id = MountOptions(rawValue: 1 << 3)
    static let mode = MountOptions(rawValue: 1 << 4)
    static let readonly = MountOptions(rawValue: 1 << 5)
    static let relabel = MountOptions(rawValue: 1 << 6)
    static let required = MountOptions(rawValue: 1 << 7)
    static let sharing = MountOptions(rawValue: 1 << 8)
    static let size = MountOptions(rawValue: 1 << 9)
    static let source = MountOptions(rawValue: 1 << 10)
    static let target = MountOptions(rawValue: 1 << 11)
    static let type = MountOptions(rawValue: 1 << 12)
    static let uid = MountOptions(rawValue: 1 << 13)

    static let bind: MountOptions = [target, source, from, readonly, relabel]
    static let cache: MountOptions = [target, sharing, id, readonly, from, source, mode, uid, gid]
    static let tmpfs: MountOptions = [target, size]
    static let secret: MountOptions = [target, id, required, source, mode, uid, gid, env]
  }

  /// The options a type of mount may have, and whether it needs a target.
  private struct MountType {
    var allowed: MountOptions
    var needsTarget = true
    static let bind = MountType(allowed: .bind)
  }

  /// Reads the options of a mount, and judges them behind the last.
  private mutating func mount() -> Bool {
    var seen: MountOptions = []
    var type = MountType.bind
    var isBad = false
    repeat {
      guard let option = mountOption(&type) else { return false }
      if !seen.insert(option).inserted { isBad = true }
    } while take(0x2C)
    seen.remove(.type)
    if !seen.isSubset(of: type.allowed) || type.needsTarget && !seen.contains(.target) { isBad = true }
    return isBad ? fail() : true
  }

  private static let textOptions: [(name: StaticString, option: MountOptions)] = [
    ("env=", .env), ("from=", .from), ("gid=", .gid), ("id=", .id), ("mode=", .mode), ("size=", .size),
    ("source=", .source), ("src=", .source), ("target=", .target), ("dst=", .target),
    ("destination=", .target),
    ("uid=", .uid),
  ]

  private static let readonlyNames: [StaticString] = ["ro", "readonly", "rw", "readwrite"]

  /// Reads an option; a flag without a value also where it is the beginning of a longer word.
  private mutating func mountOption(_ type: inout MountType) -> MountOptions? {
    for (name, option) in HadolintReader.textOptions where take(name) {
      if next == HadolintReader.doubleQuote {
        return literal(HadolintReader.doubleQuote) == nil ? nil : option
      }
      return word(until: { $0 == 0x2C }) ? option : nil
    }
    for name in HadolintReader.readonlyNames where takeFolded(name) {
      _ = attempt { $0.take(HadolintReader.equals) && ($0.takeFolded("true") || $0.takeFolded("false")) }
      return .readonly
    }
    if take("relabel=") { return take("shared") || take("private") ? .relabel : nil }
    if take("required") {
      _ =
        take("=true") || take("=True") || take("=false") || take("=False")
      return .required
    }
    if take("sharing=") { return take("private") || take("shared") || take("locked") ? .sharing : nil }
    if take("type=") {
      guard let found = mountType() else { return nil }
      type = found
      return .type
    }
    if take("z") || take("Z") { return .relabel }
    stop = at
    return nil
  }

  private mutating func mountType() -> MountType? {
    if take("bind") { return .bind }
    if take("cache") { return MountType(allowed: .cache) }
    if take("tmpfs") { return MountType(allowed: .tmpfs) }
    if take("secret") || take("ssh") { return MountType(allowed: .secret, needsTarget: false) }
    return nil
  }
}
